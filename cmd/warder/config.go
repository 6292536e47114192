package main

import (
	"fmt"
	"os"

	"github.com/warder-project/warder/internal/app/config"
)

type configCommand struct {
	Check    configCheck    `cmd:"" help:"Say whether a configuration file can be used, and what is wrong with it."`
	Describe configDescribe `cmd:"" help:"Print every field with its meaning and default."`
}

// settings is the flag by which every command finds its configuration.
type settings struct {
	Config string `short:"c" help:"Configuration file. Default: warder.yaml." default:"warder.yaml" env:"WARDER_CONFIG" placeholder:"FILE"`
}

func (s settings) load() (config.Config, error) {
	text, err := os.ReadFile(s.Config)
	if err != nil {
		return config.Config{}, config.Unreadable.Because(err).At(fileMessage(s.Config, err))
	}
	return config.Parse(s.Config, text)
}

type configCheck struct{ settings }

func (c *configCheck) Run(w *world) error {
	checked, err := c.load()
	if err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "%s is good: people reach Warder at %s.\n", c.Config, checked.PublicURL)
	return nil
}

type configDescribe struct{}

func (configDescribe) Run(w *world) error { return config.Describe(w.stdout) }
