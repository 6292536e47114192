package archtest

import (
	"path"
	"slices"
	"strings"
)

// floors from the ground up. An import goes to a floor further left.
func floors() []string {
	return []string{"base", "registry", "access", "proof", "journey", "feeds", "doors", "app"}
}

// Face is what kind of package stands in a room.
type Face string

// The faces. A room's own package has none: it is the domain.
const (
	Domain Face = ""
	DB     Face = "db"   // keysdb: the Store on SQL
	Web    Face = "web"  // keysweb: the pages
	Test   Face = "test" // keystest: builders and the Store's contract
)

// Place is where a package stands.
type Place struct {
	Area  string // "internal", "cmd" or "tools"; "" is outside of all
	Floor string // "registry"; for what has no floor its folder: "testkit", "archtest", "warder"
	Room  string // "registry/keys", also for its faces and sub-rooms; app is one room
	Face  Face
}

// placeOf works out the place from the path below the module alone.
func placeOf(packagePath string) Place {
	parts := strings.Split(packagePath, "/")
	place := Place{Area: parts[0]}
	if len(parts) < 2 {
		return place
	}
	place.Floor = parts[1]
	place.Room = parts[1]
	if place.Area != "internal" || place.Floor == "app" || !slices.Contains(floors(), place.Floor) {
		return place
	}
	if len(parts) > 2 {
		place.Room = parts[1] + "/" + parts[2]
	}
	if len(parts) > 3 {
		own := path.Base(path.Dir(packagePath))
		for _, face := range []Face{DB, Web, Test} {
			if path.Base(packagePath) == own+string(face) {
				place.Face = face
			}
		}
	}
	return place
}

// height of a floor: base is 0. What stands on no floor is above all (programs
// and tools) or is not part of the building (test kits), which height says with false.
func (p Place) height() (int, bool) {
	switch p.Area {
	case "cmd", "tools":
		return len(floors()), true
	case "internal":
		at := slices.Index(floors(), p.Floor)
		return at, at >= 0
	}
	return 0, false
}

// onFloor reports whether the package stands on one of the named floors.
func (p Place) onFloor(names ...string) bool {
	return p.Area == "internal" && slices.Contains(names, p.Floor)
}

// forTests reports whether the package exists for tests only.
func (p Place) forTests() bool {
	return p.Face == Test || p.Area == "internal" && (p.Floor == "testkit" || p.Floor == "archtest")
}

// belowApp reports whether the package is on a floor under app.
func (p Place) belowApp() bool {
	at, ok := p.height()
	return ok && p.Area == "internal" && at < slices.Index(floors(), "app")
}

// domain reports whether the purity rules hold: the domain packages from
// registry to feeds. Base is made of the outside world, and doors lead to it.
func (p Place) domain() bool {
	return p.Face == Domain && p.onFloor("registry", "access", "proof", "journey", "feeds")
}
