package tx

// tooMany is how many changes of one topic a unit of work tells one by one.
// Above that it says "all of the topic", which costs listeners less.
const tooMany = 200

// Condense drops repeated changes and turns very many into one for the topic.
func Condense(changes []Change) []Change {
	count, wide := map[Topic]int{}, map[Topic]bool{}
	for _, change := range changes {
		count[change.Topic]++
		wide[change.Topic] = wide[change.Topic] || change.Ref == "" || count[change.Topic] > tooMany
	}
	var kept []Change
	told := map[Change]bool{}
	for _, change := range changes {
		if wide[change.Topic] {
			change.Ref, change.Begun = "", nil
		}
		if !told[change] {
			told[change] = true
			kept = append(kept, change)
		}
	}
	return kept
}
