package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// House is a module as the rules see it.
type House struct {
	Root     string // the folder of go.mod
	Module   string // the module path
	Packages []*Package
	Requires []Require
	fset     *token.FileSet
}

// Require is a module that go.mod asks for by name (not "indirect").
type Require struct{ Path, Version string }

// Package is one package of the module.
type Package struct {
	Path  string // below the module: "internal/registry/keys"
	Place Place
	Files []*File // as compiled on this platform, then the tests
}

// File is one parsed Go file.
type File struct {
	Name    string // base name
	Test    bool   // _test.go
	Lines   int
	Text    []byte
	Syntax  *ast.File
	Imports []Import
}

// Import is one import as written.
type Import struct {
	Path string // as in the source
	Own  string // below the module; empty for what is not ours
	Line int
}

// Finding is one breach of one rule.
type Finding struct {
	Rule    string // its name
	Package string // where, below the module
	Place   string // "file.go:12", or empty
	What    string // the offending import, name or number
	Why     string // the reason for the rule
}

// String is what a person reads in the test's output.
func (f Finding) String() string {
	where := f.Package
	if f.Place != "" {
		where += "/" + f.Place
	}
	return fmt.Sprintf("%s: %s: %s: %s", f.Rule, where, f.What, f.Why)
}

// Load reads the module in root with go list and parses its files.
func Load(root string) (*House, error) {
	house := &House{Root: root, fset: token.NewFileSet()}
	if err := house.readModule(); err != nil {
		return nil, err
	}
	// -e: a package that does not compile is still a package with imports.
	output, err := run(root, "go", "list", "-e",
		"-json=ImportPath,Dir,GoFiles,TestGoFiles,XTestGoFiles", "./...")
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(output))
	for {
		var listed struct {
			ImportPath, Dir                    string
			GoFiles, TestGoFiles, XTestGoFiles []string
		}
		if err := decoder.Decode(&listed); errors.Is(err, io.EOF) {
			return house, nil
		} else if err != nil {
			return nil, fmt.Errorf("read the answer of go list: %w", err)
		}
		one := &Package{Path: strings.TrimPrefix(strings.TrimPrefix(listed.ImportPath, house.Module), "/")}
		one.Place = placeOf(one.Path)
		for _, name := range append(append(listed.GoFiles, listed.TestGoFiles...), listed.XTestGoFiles...) {
			file, err := house.parse(filepath.Join(listed.Dir, name))
			if err != nil {
				return nil, err
			}
			one.Files = append(one.Files, file)
		}
		house.Packages = append(house.Packages, one)
	}
}

func (h *House) readModule() error {
	output, err := run(h.Root, "go", "mod", "edit", "-json")
	if err != nil {
		return err
	}
	var module struct {
		Module  struct{ Path string }
		Require []struct {
			Path, Version string
			Indirect      bool
		}
	}
	if err := json.Unmarshal(output, &module); err != nil {
		return fmt.Errorf("read go.mod: %w", err)
	}
	h.Module = module.Module.Path
	for _, require := range module.Require {
		if !require.Indirect {
			h.Requires = append(h.Requires, Require{Path: require.Path, Version: require.Version})
		}
	}
	return nil
}

func (h *House) parse(path string) (*File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	syntax, err := parser.ParseFile(h.fset, path, text, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	file := &File{Name: filepath.Base(path), Test: strings.HasSuffix(path, "_test.go"),
		Lines: bytes.Count(text, []byte("\n")), Text: text, Syntax: syntax}
	for _, spec := range syntax.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("parse %s: import %s: %w", path, spec.Path.Value, err)
		}
		imported := Import{Path: name, Line: h.fset.Position(spec.Pos()).Line}
		if own, ok := strings.CutPrefix(name, h.Module+"/"); ok {
			imported.Own = own
		}
		file.Imports = append(file.Imports, imported)
	}
	return file, nil
}

// place is "file.go:12" for a position in file.
func (h *House) place(file *File, position token.Pos) string {
	return fmt.Sprintf("%s:%d", file.Name, h.fset.Position(position).Line)
}

// find returns the package at path below the module, or nil.
func (h *House) find(path string) *Package {
	for _, one := range h.Packages {
		if one.Path == path {
			return one
		}
	}
	return nil
}

// code returns the files that are compiled into programs.
func (p *Package) code() []*File {
	var files []*File
	for _, file := range p.Files {
		if !file.Test {
			files = append(files, file)
		}
	}
	return files
}

// run returns what a command prints, and what it complained of where it fails.
func run(folder, name string, args ...string) ([]byte, error) {
	command := exec.Command(name, args...)
	command.Dir = folder
	// No rule needs the network, and a test of the house must not wait for it.
	command.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off", "GOFLAGS=-mod=readonly")
	var complaint bytes.Buffer
	command.Stderr = &complaint
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, complaint.String())
	}
	return output, nil
}
