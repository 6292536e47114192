// Package department makes up the Department for Examples: 800 people in twelve
// directorates, and fourteen months of what their clouds would have exported.
// The same seed and day give the same department. Nobody in it is real.
package department

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/warder-project/warder/internal/registry/people"
)

// Size is how many people work in the department.
const Size = 800

// Named people, so that the demo has somebody to sign in as.
const (
	Administrator = "admin"
	ServiceDesk   = "desk.jones"
	Staff         = "amira.khan"
)

var directorates = []struct {
	name  string
	share int // of 100
	title string
}{
	{"Operations", 22, "Operations officer"}, {"Customer Services", 18, "Caseworker"}, {"Digital", 12, "Developer"},
	{"Finance", 9, "Accountant"}, {"Policy", 8, "Policy adviser"}, {"Human Resources", 6, "HR adviser"},
	{"Commercial", 6, "Contract manager"}, {"Legal", 5, "Lawyer"}, {"Estates", 5, "Facilities officer"},
	{"Communications", 4, "Press officer"}, {"Internal Audit", 3, "Auditor"}, {"Private Office", 2, "Private secretary"},
}

var (
	firstNames = strings.Fields(`Aisha Alan Amy Andrew Anna Asif Ben Beth Bronwen Carys Chen Chloe Claire Daniel David Deepa Dylan Eilidh Elena Emma
		Farah Fiona Gareth George Grace Hannah Harry Helen Ibrahim Imran Isla Jack James Jas Jean Joseph Joy Kate Kwame Laura Leah Liam Lucy Mair
		Marcus Maria Megan Mei Mohammed Naomi Nia Noor Oliver Omar Owen Paul Priya Rachel Rhys Robert Rosa Ruth Sam Sarah Seren Sofia Stephen Sunita
		Tariq Thomas Uma Victor Wendy Will Yusuf Zara`)
	lastNames = strings.Fields(`Adams Ahmed Ali Anderson Bailey Begum Bell Bennett Brown Campbell Carter Clark Collins Cooper Davies Edwards Evans Fraser
		Graham Green Griffiths Hall Harris Hughes Hussain Iqbal Jackson James Jenkins Johnson Jones Kaur Kelly Khan King Lewis MacDonald Martin Mason
		Mitchell Moore Morgan Morris Murphy Murray Nguyen Okafor Owen Parker Patel Phillips Price Rahman Reid Roberts Robinson Scott Shah Shaw Singh
		Smith Stewart Taylor Thomas Thompson Turner Walker Ward Watson White Williams Wilson Wood Wright Young`)
)

// Make returns everybody who works in the department on the given day, the
// named ones first.
func Make(seed uint64, today time.Time) []people.Row {
	random := rand.New(rand.NewPCG(seed, 2026))
	rows := []people.Row{
		person(Staff, "Amira Khan", post{"Finance", "Accountant"}, today.AddDate(-3, -2, 0)),
		person(Administrator, "Robin Adeyemi", post{"Digital", "Identity administrator"}, today.AddDate(-6, 0, 0)),
		person(ServiceDesk, "Sian Jones", post{"Digital", "Service desk analyst"}, today.AddDate(-2, -7, 0)),
	}
	taken := map[string]bool{}
	heads := map[string]string{"Digital": Administrator}
	for i := range rows {
		taken[rows[i].UserName] = true
	}
	for len(rows) < Size {
		first, last := firstNames[random.IntN(len(firstNames))], lastNames[random.IntN(len(lastNames))]
		userName := strings.ToLower(first + "." + last)
		for n := 2; taken[userName]; n++ {
			userName = strings.ToLower(fmt.Sprintf("%s.%s%d", first, last, n))
		}
		taken[userName] = true
		place := directorates[pick(random.IntN(100))]
		row := person(userName, first+" "+last, post{place.name, place.title}, today.AddDate(0, 0, -30-random.IntN(9*365)))
		if heads[place.name] == "" {
			heads[place.name] = userName
			row.JobTitle = "Head of " + place.name
		} else {
			row.Manager = heads[place.name]
		}
		rows = append(rows, row)
	}
	for i := range rows {
		rows[i].EmployeeID = fmt.Sprintf("E%05d", 10000+i)
		if rows[i].Manager == "" && heads[rows[i].Department] != rows[i].UserName {
			rows[i].Manager = heads[rows[i].Department]
		}
	}
	return rows
}

type post struct{ department, title string }

func person(userName, name string, post post, since time.Time) people.Row {
	return people.Row{
		UserName: userName, Name: name, Email: userName + "@department.example",
		Department: post.department, JobTitle: post.title, Kind: people.KindPerson,
		Starts: time.Date(since.Year(), since.Month(), since.Day(), 0, 0, 0, 0, time.UTC),
		Groups: []string{strings.ToLower(strings.ReplaceAll(post.department, " ", "-")), "staff"},
	}
}

func pick(percent int) int {
	for i, place := range directorates {
		percent -= place.share
		if percent < 0 {
			return i
		}
	}
	return 0
}
