package config

import (
	"strings"

	networks "github.com/warder-project/warder/internal/access/risk/places"
)

// Networks are the named networks, parsed. Call it only on a checked Config.
func (c Config) Networks() []networks.Named {
	var all []networks.Named
	for _, text := range c.RiskNetworks {
		if named, err := networks.ParseNamed(text); err == nil {
			all = append(all, named)
		}
	}
	return all
}

// checkRisk says what is wrong with where people are. Whether the files can be read is
// seen when they are: a file that breaks while Warder runs must not stop it.
func (c Config) checkRisk(say func(name, message string)) {
	for _, text := range c.RiskNetworks {
		if _, err := networks.ParseNamed(text); err != nil {
			say("risk_networks", err.Error())
		}
	}
	for _, text := range c.RiskLists {
		if name, path, ok := strings.Cut(text, "="); !ok || name == "" || path == "" {
			say("risk_lists", text+" is not NAME=FILE, such as tor=/var/lib/warder/tor.txt")
		}
	}
	for _, path := range c.RiskPlaces {
		if path == "" {
			say("risk_places", "a file has no name")
		}
	}
}
