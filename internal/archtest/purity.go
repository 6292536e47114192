package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// Purity: what a package may not import because of where it stands.
func Purity(house *House) []Finding {
	var findings []Finding
	for _, one := range house.Packages {
		for _, file := range one.code() {
			for _, imported := range file.Imports {
				if why := impure(one.Place, imported.Path); why != "" {
					findings = append(findings, Finding{Rule: "purity", Package: one.Path,
						Place: fmt.Sprintf("%s:%d", file.Name, imported.Line), What: imported.Path, Why: why})
				}
			}
		}
	}
	return findings
}

// within reports whether imported is one of the packages or below it.
func within(imported string, packages ...string) bool {
	for _, one := range packages {
		if imported == one || strings.HasPrefix(imported, one+"/") {
			return true
		}
	}
	return false
}

func impure(place Place, imported string) string {
	if place.forTests() || !place.belowApp() {
		return ""
	}
	switch {
	case within(imported, "database/sql", "modernc.org/sqlite", "github.com/jackc/pgx", "github.com/pressly/goose") &&
		place.Face != DB && !place.onFloor("base"):
		return "SQL stands in the faces on SQL and on the ground floor"
	case within(imported, "html/template", "text/template") && place.Face != Web &&
		place.Room != "base/web" && !place.onFloor("doors"):
		return "pages are printed by the faces on the web"
	case within(imported, "net/http") && place.Face == DB:
		return "tables know nothing of requests"
	case imported == "log":
		return "the log is a *slog.Logger that is passed in"
	case !place.domain():
		return ""
	case within(imported, "net/http"):
		return "a domain package knows nothing of requests: doors and pages translate"
	case within(imported, "os", "io/ioutil", "syscall", "golang.org/x/sys"):
		return "a domain package is given readers and writers: it opens nothing itself"
	}
	return ""
}

// forbiddenCalls are names of the standard library that reach for the clock, the
// environment or a default of the process. Mentioning one (as a value) counts.
func forbiddenCalls() map[string]string {
	const (
		clock   = "the clock is Deps.Now, so that a test can move it"
		environ = "what the environment says is read once, by app"
		logger  = "the log is a *slog.Logger that is passed in"
		global  = "the process has no default of ours: it is in Deps"
	)
	return map[string]string{
		"time.Now": clock, "time.Since": clock, "time.Until": clock, "time.Sleep": clock,
		"os.Getenv": environ, "os.LookupEnv": environ, "os.Environ": environ, "os.ExpandEnv": environ,
		"os.Setenv": environ, "os.Exit": "only main ends the process",
		"log/slog.Default": logger, "log/slog.SetDefault": logger,
		"log/slog.Debug": logger, "log/slog.Info": logger, "log/slog.Warn": logger, "log/slog.Error": logger,
		"log/slog.DebugContext": logger, "log/slog.InfoContext": logger, "log/slog.WarnContext": logger,
		"log/slog.ErrorContext": logger, "log/slog.Log": logger, "log/slog.With": logger,
		"net/http.DefaultClient": global, "net/http.DefaultServeMux": global, "net/http.DefaultTransport": global,
		"net/http.Handle": global, "net/http.HandleFunc": global,
		"net/http.Get": global, "net/http.Post": global, "net/http.Head": global, "net/http.PostForm": global,
	}
}

// Calls: below app nobody asks the process for the time, the environment or a
// default; and no test sleeps, because a test that sleeps is slow or wrong.
func Calls(house *House) []Finding {
	var findings []Finding
	forbidden := forbiddenCalls()
	for _, one := range house.Packages {
		for _, file := range one.Files {
			names := importNames(file)
			ast.Inspect(file.Syntax, func(node ast.Node) bool {
				name, position := mentioned(node, names)
				why, bad := forbidden[name]
				switch {
				case !bad:
					return true
				case file.Test && name == "time.Sleep":
					why = "a test waits for what it needs, or moves the clock"
				case file.Test || one.Place.forTests() || !one.Place.belowApp():
					return true
				}
				findings = append(findings, Finding{Rule: "calls", Package: one.Path,
					Place: house.place(file, position), What: name, Why: why})
				return true
			})
		}
	}
	return findings
}

// importNames maps the name by which a file knows a package to its path.
func importNames(file *File) map[string]string {
	names := map[string]string{}
	for i, imported := range file.Imports {
		name := imported.Path[strings.LastIndex(imported.Path, "/")+1:]
		if spec := file.Syntax.Imports[i]; spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = imported.Path
	}
	return names
}

// mentioned returns "path.Name" where node is a name of an imported package.
func mentioned(node ast.Node, names map[string]string) (string, token.Pos) {
	selector, ok := node.(*ast.SelectorExpr)
	if !ok {
		return "", token.NoPos
	}
	// Obj is set where a local name hides the package.
	base, ok := selector.X.(*ast.Ident)
	if !ok || base.Obj != nil || names[base.Name] == "" {
		return "", token.NoPos
	}
	return names[base.Name] + "." + selector.Sel.Name, selector.Pos()
}
