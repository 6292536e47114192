package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/warder-project/warder/internal/base/problem"
)

// Parse reads warder.yaml. name is how the person called the file; it is only
// used to say where something is wrong. All that is wrong is said at once.
func Parse(name string, text []byte) (Config, error) {
	config := Config{Listen: "127.0.0.1:8420", GatewayListen: "127.0.0.1:8421", OperatorListen: "127.0.0.1:8422"}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	err := decoder.Decode(&config)
	if err != nil && !errors.Is(err, io.EOF) {
		return Config{}, Malformed.New().At(places(name, err)...)
	}
	if err == nil {
		var second yaml.Node
		if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
			return Config{}, Malformed.New().At(problem.Field{File: name, Line: second.Line, Message: "expected one document, found a second one after ---"})
		}
	}
	config = config.withDefaults()
	wrong := config.check()
	if len(wrong) == 0 {
		return config, nil
	}
	lines := lineOf(text)
	for i := range wrong {
		wrong[i].File = name
		wrong[i].Line = lines[wrong[i].Name]
	}
	slices.SortFunc(wrong, func(a, b problem.Field) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), strings.Compare(a.Name, b.Name))
	})
	return Config{}, Malformed.New().At(wrong...)
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)

// places turns the YAML library's errors into fields with lines.
func places(name string, err error) []problem.Field {
	messages := []string{err.Error()}
	var several *yaml.TypeError
	if errors.As(err, &several) {
		messages = several.Errors
	}
	var fields []problem.Field
	for _, message := range messages {
		field := problem.Field{File: name, Message: strings.TrimPrefix(message, "yaml: ")}
		if found := yamlLine.FindStringSubmatch(message); found != nil {
			field.Line, _ = strconv.Atoi(found[1]) // the expression admits digits only
			field.Message = found[2]
		}
		field.Message = strings.ReplaceAll(field.Message, " not found in type config.Config", " is not a field of warder.yaml")
		fields = append(fields, field)
	}
	return fields
}

// lineOf finds the line of each top-level key.
func lineOf(text []byte) map[string]int {
	lines := map[string]int{}
	var document yaml.Node
	if yaml.Unmarshal(text, &document) != nil || len(document.Content) == 0 {
		return lines
	}
	for i := 0; i+1 < len(document.Content[0].Content); i += 2 {
		key := document.Content[0].Content[i]
		lines[key.Value] = key.Line
	}
	return lines
}

// Describe writes every field with its meaning, default and example, as a
// commented warder.yaml.
func Describe(w io.Writer) error {
	var out strings.Builder
	out.WriteString("# warder.yaml: every field. An unknown key is an error; a field left out has its default.\n")
	fields := reflect.TypeFor[Config]()
	for i := range fields.NumField() {
		field := fields.Field(i)
		out.WriteString("\n")
		for _, line := range wrap(field.Tag.Get("doc"), 98) {
			out.WriteString("# " + line + "\n")
		}
		key, value := field.Tag.Get("yaml"), field.Tag.Get("default")
		if example := field.Tag.Get("example"); example != "" {
			value = example
			out.WriteString("# There is no default; this is an example.\n")
		}
		if value == "" {
			value = `""`
		}
		fmt.Fprintf(&out, "%s: %s\n", key, value)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
