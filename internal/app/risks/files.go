// Package risks joins what is unusual about a sign-in with the rest of the house: the
// files that the administrator gives are read here and read again when they change,
// wrong tries are asked of access/throttle, and the live sessions of whom are judged
// anew. What is unusual is decided in access/risk.
package risks

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/warder-project/warder/internal/access/risk"
	"github.com/warder-project/warder/internal/access/risk/places"
	"github.com/warder-project/warder/internal/app/config"
	"github.com/warder-project/warder/internal/base/health"
	"github.com/warder-project/warder/internal/base/problem"
)

// Files are the administrator's files. They are read when they are first needed, so
// that a command that does not need them does not wait for them.
type Files struct {
	config config.Config
	board  *health.Board
	log    *slog.Logger

	reading sync.Mutex
	stamps  map[string]stamp // guarded by reading
	setup   atomic.Pointer[risk.Setup]
}

type stamp struct {
	size int64
	at   time.Time
}

// NewFiles reads nothing yet.
func NewFiles(c config.Config, board *health.Board, log *slog.Logger) *Files {
	return &Files{config: c, board: board, log: log}
}

// Setup is what the files say. What could not be read is not known.
func (f *Files) Setup() risk.Setup {
	if setup := f.setup.Load(); setup != nil {
		return *setup
	}
	f.Look()
	return *f.setup.Load()
}

// Look reads the files if one of them has changed. Call it now and then.
func (f *Files) Look() {
	f.reading.Lock()
	defer f.reading.Unlock()
	stamps := f.look()
	if f.setup.Load() != nil && same(f.stamps, stamps) {
		return
	}
	f.stamps = stamps
	setup := &risk.Setup{Networks: places.NewNetworks(f.config.Networks()), Zone: london()}
	var broken []string
	note := func(err error) {
		if err != nil {
			broken = append(broken, said(err))
		}
	}
	for _, path := range f.config.RiskPlaces {
		source, err := readPlaces(path)
		if note(err); err == nil {
			setup.Atlas = append(setup.Atlas, source)
		}
	}
	for _, named := range f.config.RiskLists {
		name, path, _ := strings.Cut(named, "=")
		list, err := readList(name, path)
		if note(err); err == nil {
			setup.Lists = append(setup.Lists, list)
		}
	}
	f.setup.Store(setup)
	f.tell(broken)
}

const unusable = "risk.file_unusable"

func (f *Files) tell(broken []string) {
	if len(broken) == 0 {
		f.board.Clear(unusable)
		return
	}
	for _, one := range broken {
		f.log.Error("a file with places or networks cannot be used", "error", one)
	}
	f.board.Set(health.Condition{Code: unusable, Severity: health.Warning,
		Cause: "What is unusual about a sign-in is known in part only: " + strings.Join(broken, "; ") + ".",
		Next:  "Correct the file, or get it anew. It is read again within a minute; until then what it would say is not known, and policies decide what that means."})
}

// look says which files there are.
func (f *Files) look() map[string]stamp {
	found := map[string]stamp{}
	paths := append([]string{}, f.config.RiskPlaces...)
	for _, named := range f.config.RiskLists {
		_, path, _ := strings.Cut(named, "=")
		paths = append(paths, path)
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			found[path] = stamp{info.Size(), info.ModTime()}
		}
	}
	return found
}

func same(a, b map[string]stamp) bool {
	for path, one := range a {
		if b[path] != one {
			return false
		}
	}
	return len(a) == len(b)
}

// longest bounds what is read into memory: the largest files of places are a tenth.
const longest = 1 << 30

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > longest {
		return nil, fmt.Errorf("%s is no file, or larger than %d bytes", path, longest)
	}
	return os.ReadFile(path)
}

func readPlaces(path string) (places.Source, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		return places.ReadCSV(path, data)
	}
	return places.ReadMMDB(path, data)
}

func readList(name, path string) (*places.List, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return places.ReadList(name, path, data)
}

// said is an error with the line that is wrong.
func said(err error) string {
	known, ok := problem.Of(err)
	if !ok || len(known.Fields) == 0 {
		return err.Error()
	}
	field := known.Fields[0]
	return fmt.Sprintf("%s, line %d: %s", field.File, field.Line, field.Message)
}

// london is where the day is that hours are judged by, as for dates of employment.
func london() *time.Location {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		return time.UTC // cannot be: the zones are in the binary
	}
	return zone
}
