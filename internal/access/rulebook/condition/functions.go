package condition

import (
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// functions are what an expression may call, beside the operators.
var functions = []string{"hour", "weekday", overloads.StartsWith, overloads.EndsWith, overloads.Contains, overloads.Matches, overloads.Size, overloads.TypeConvertDuration, overloads.TypeConvertTimestamp}

// standard is the part of CEL's own library that is of use here: nothing that loops,
// and nothing that reads a time zone anew each time it is asked.
func standard() cel.EnvOption {
	included := []string{operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Conditional,
		operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals,
		operators.In, operators.Add, operators.Subtract, operators.Negate, operators.Modulo}
	subset := &env.LibrarySubset{DisableMacros: true}
	for _, name := range append(included, functions[2:]...) {
		subset.IncludeFunctions = append(subset.IncludeFunctions, env.NewFunction(name))
	}
	return cel.StdLib(cel.StdLibSubset(subset))
}

// clocks are hour(time, zone), from 0 to 23, and weekday(time, zone), "monday" to
// "sunday". The zone is a literal, which was looked up when the expression was read.
func (c *Compiler) clocks() []cel.EnvOption {
	arguments := []*cel.Type{cel.TimestampType, cel.StringType}
	at := func(tell func(time.Time) ref.Val) cel.OverloadOpt {
		return cel.BinaryBinding(func(moment, zone ref.Val) ref.Val {
			stamp, isTime := moment.(types.Timestamp)
			name, isText := zone.(types.String)
			place := c.zones[string(name)]
			if !isTime || !isText || place == nil {
				return types.NewErr("no such time zone")
			}
			return tell(stamp.In(place))
		})
	}
	return []cel.EnvOption{
		cel.Function("hour", cel.Overload("hour_in", arguments, cel.IntType, at(func(t time.Time) ref.Val { return types.Int(t.Hour()) }))),
		cel.Function("weekday", cel.Overload("weekday_in", arguments, cel.StringType, at(func(t time.Time) ref.Val { return weekdays[t.Weekday()] }))),
	}
}

var weekdays = [...]ref.Val{types.String("sunday"), types.String("monday"), types.String("tuesday"), types.String("wednesday"), types.String("thursday"), types.String("friday"), types.String("saturday")}

// zone looks a time zone up. The machine's own is none: a policy means the same everywhere.
func (c *Compiler) zone(name string) bool {
	if c.zones[name] != nil {
		return true
	}
	if name == "" || name == "Local" || strings.Contains(name, "..") || slices.Contains([]byte(name), '\\') {
		return false
	}
	place, err := time.LoadLocation(name)
	if err != nil {
		return false
	}
	c.zones[name] = place
	return true
}
