package live

import (
	"context"
	"fmt"
	"time"

	"github.com/warder-project/warder/internal/access/policy"
	"github.com/warder-project/warder/internal/access/sessions"
	"github.com/warder-project/warder/internal/base/ids"
	"github.com/warder-project/warder/internal/base/tx"
)

const (
	// remember is how long ended sessions stay in the view, so that whoever
	// still uses one is told why, and is known in the record.
	remember = time.Hour
	// patience is the longest time one reading may take.
	patience = 30 * time.Second
)

// Load reads everything. Until it has succeeded once, the view reads the store
// for each request.
func (v *View) Load(ctx context.Context) error {
	if err := v.reload(ctx, unread); err != nil {
		return fmt.Errorf("load live view: %w", err)
	}
	return nil
}

// Mend reads everything again if an earlier reading failed. Call it every second.
func (v *View) Mend(ctx context.Context) error {
	if !v.doubt.has(unread) {
		return nil
	}
	return v.Load(ctx)
}

// reload reads everything and ends the doubts of these causes, unless a new
// doubt has begun meanwhile.
func (v *View) reload(ctx context.Context, causes ...cause) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	v.applying.Lock()
	defer v.applying.Unlock()
	number := v.doubt.at()
	if err := v.rereadAll(ctx); err != nil {
		v.distrust(unread, "the database could not be read")
		return err
	}
	if v.doubt.end(number, causes...) {
		v.tell(false, "")
	}
	return nil
}

func (v *View) rereadAll(ctx context.Context) error {
	for _, topic := range []tx.Topic{tx.Person, tx.Key, tx.Credential, tx.Session, tx.Service, tx.Policy} {
		if err := v.reread(ctx, topic, nil); err != nil {
			return fmt.Errorf("read every %s: %w", topic, err)
		}
	}
	return nil
}

// Apply rereads what has changed, before it returns. App registers it with the
// database, for the commits of this process and for those of others. When a
// reread fails, the view is in doubt: what is not known is refused, not guessed.
func (v *View) Apply(ctx context.Context, changes []tx.Change) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	v.applying.Lock()
	defer v.applying.Unlock()
	for topic, refs := range byTopic(v.begun(changes)) {
		if err := v.reread(ctx, topic, refs); err != nil {
			v.deps.Log.ErrorContext(ctx, "change could not be read", "topic", topic, "error", err)
			v.distrust(unread, "a change could not be read from the database")
		}
	}
}

// begun takes over the sessions that have just begun and returns the other changes.
// It takes only what the view has never heard of, and has nothing else to hear of
// now: a word that comes after that of the session's end finds it here, ended.
func (v *View) begun(changes []tx.Change) []tx.Change {
	told := map[string]int{}
	for _, change := range changes {
		if change.Topic == tx.Session {
			told[change.Ref]++
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	others := changes[:0:0]
	for _, change := range changes {
		begun, ok := change.Begun.(*sessions.Begun)
		if !ok || told[change.Ref] != 1 || told[""] != 0 || v.byID[begun.Session.ID] != nil || v.sessions[begun.Hash] != nil {
			others = append(others, change)
			continue
		}
		record := SessionRecord{Hash: begun.Hash, Session: begun.Session}
		record.Session.IP, record.Session.UserAgent = "", "" // they are long, and decide nothing
		fresh := newEntry(record)
		v.sessions[record.Hash], v.byID[record.Session.ID] = fresh, fresh
	}
	return others
}

// byTopic gathers the refs of each topic; nil means all of the topic.
func byTopic(changes []tx.Change) map[tx.Topic][]string {
	refs := map[tx.Topic][]string{}
	all := map[tx.Topic]bool{}
	for _, change := range changes {
		if change.Ref == "" {
			all[change.Topic] = true
		}
		refs[change.Topic] = append(refs[change.Topic], change.Ref)
	}
	for topic := range all {
		refs[topic] = nil
	}
	return refs
}

func (v *View) reread(ctx context.Context, topic tx.Topic, refs []string) error {
	switch topic {
	case tx.Session:
		return v.rereadSessions(ctx, refs)
	case tx.Person, tx.Role:
		return v.rereadPeople(ctx, refs)
	case tx.Key:
		found, err := v.deps.Reader.Keys(ctx, refs)
		if err != nil {
			return err
		}
		replace(v, &v.keys, refs, found, func(k *Key) ids.Key { return k.ID })
	case tx.Credential:
		found, err := v.deps.Reader.Credentials(ctx, refs)
		if err != nil {
			return err
		}
		replace(v, &v.credentials, refs, found, func(c *Credential) ids.Credential { return c.ID })
	case tx.Service:
		frame, err := v.newFrame(ctx, v.frame.Load())
		if err != nil {
			return err
		}
		v.frame.Store(frame)
	case tx.Policy:
		before := v.frame.Load()
		frame := *before
		if err := v.readPolicy(ctx, &frame, before); err != nil {
			return err
		}
		v.frame.Store(&frame)
	case tx.Exception:
		return v.rereadWaivers(ctx)
	}
	return nil
}

func (v *View) rereadPeople(ctx context.Context, refs []string) error {
	found, err := v.deps.Reader.People(ctx, refs)
	if err != nil {
		return err
	}
	entries := make([]personEntry, 0, len(found))
	for _, record := range found {
		entries = append(entries, *newPersonEntry(record))
	}
	replace(v, &v.people, refs, entries, func(p *personEntry) ids.Person { return p.person.ID })
	return nil
}

func newPersonEntry(record PersonRecord) *personEntry {
	return &personEntry{person: record.Person, groups: policy.GroupsOf(record.Groups...), roles: policy.GroupsOf(record.Roles...)}
}

// replace puts what was found in the place of what refs name, or of everything
// when refs is nil. What is no longer there is dropped.
func replace[K ~string, T any](v *View, into *map[K]*T, refs []string, found []T, id func(*T) K) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if refs == nil {
		*into = make(map[K]*T, len(found))
	}
	for _, ref := range refs {
		delete(*into, K(ref))
	}
	for i := range found {
		one := &found[i]
		if refs != nil {
			// On its own, so that one thing does not keep its whole page in memory.
			alone := found[i]
			one = &alone
		}
		(*into)[id(one)] = one
	}
	v.generation++
}

func (v *View) rereadSessions(ctx context.Context, refs []string) error {
	found, err := v.deps.Reader.Sessions(ctx, refs, v.deps.Now().Add(-remember))
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	before := v.sessions
	if refs == nil {
		v.sessions = make(map[[32]byte]*entry, len(found))
		v.byID = make(map[ids.Session]*entry, len(found))
		v.generation++
	}
	gone := map[[32]byte]*entry{}
	for _, ref := range refs {
		if e := v.byID[ids.Session(ref)]; e != nil {
			gone[e.hash] = e
			delete(v.sessions, e.hash)
			delete(v.byID, e.session.ID)
			v.generation++ // gate sessions that hang from it point to the old entry
		}
	}
	for _, record := range found {
		fresh := newEntry(record)
		if old := before[record.Hash]; old != nil {
			fresh.inherit(old)
		} else if old := gone[record.Hash]; old != nil {
			fresh.inherit(old)
		}
		v.sessions[record.Hash], v.byID[record.Session.ID] = fresh, fresh
	}
	return nil
}

// tidy drops sessions that ended, or whose time was up, more than an hour ago.
func (v *View) tidy(now time.Time) {
	v.applying.Lock()
	defer v.applying.Unlock()
	var old []*entry
	v.mu.RLock()
	for _, e := range v.sessions {
		ended := e.session.EndedAt
		if ended.IsZero() {
			ended = e.session.AbsoluteEnd
		}
		if now.Sub(ended) > remember {
			old = append(old, e)
		}
	}
	v.mu.RUnlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, e := range old {
		delete(v.sessions, e.hash)
		delete(v.byID, e.session.ID)
	}
}
