package main

type evidenceCommand struct{}
