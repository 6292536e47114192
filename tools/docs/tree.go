package main

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// tree is the code of the checkout, parsed; tests are left out.
type tree struct {
	fset     *token.FileSet
	packages []*pkg
}

// pkg is one package.
type pkg struct {
	path     string // below the checkout, with slashes
	synopsis string // the first sentence of its comment
	files    []*ast.File
}

// read parses what stands in cmd and internal.
func read(root string) (*tree, error) {
	code := &tree{fset: token.NewFileSet()}
	for _, area := range []string{"cmd", "internal"} {
		err := filepath.WalkDir(filepath.Join(root, area), func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && entry.Name() == "testdata":
				return filepath.SkipDir
			case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
				return nil
			}
			file, err := parser.ParseFile(code.fset, name, nil, parser.ParseComments)
			if err != nil {
				return err
			}
			below, err := filepath.Rel(root, filepath.Dir(name))
			if err != nil {
				return err
			}
			code.add(filepath.ToSlash(below), file)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return code, nil
}

func (t *tree) add(folder string, file *ast.File) {
	at := slices.IndexFunc(t.packages, func(one *pkg) bool { return one.path == folder })
	if at < 0 {
		at = len(t.packages)
		t.packages = append(t.packages, &pkg{path: folder})
	}
	one := t.packages[at]
	one.files = append(one.files, file)
	if file.Doc != nil {
		one.synopsis = new(doc.Package).Synopsis(file.Doc.Text())
	}
}

// isFace reports whether a package is a face of the room above it (keysdb).
func isFace(folder string) bool {
	own := path.Base(path.Dir(folder))
	return slices.Contains([]string{own + "db", own + "web", own + "test"}, path.Base(folder))
}
