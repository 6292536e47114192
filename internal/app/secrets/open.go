package secrets

import (
	"runtime"
	"time"

	"github.com/warder-project/warder/internal/app/config"
	"github.com/warder-project/warder/internal/base/db"
	"github.com/warder-project/warder/internal/base/seal"
	"github.com/warder-project/warder/internal/registry/audit"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/sharedsecretdb"
	"github.com/warder-project/warder/internal/registry/factors/sharedsecret/totp"
	"github.com/warder-project/warder/internal/registry/password"
	"github.com/warder-project/warder/internal/registry/people"
)

// Parts is what a book of shared secrets is built from.
type Parts struct {
	Config config.Config
	DB     *db.DB
	Audit  *audit.Log
	Seal   *seal.Sealer
	People *people.Directory
	Now    func() time.Time
}

// Open builds the book as the configuration says. As many passwords are hashed at
// once as there are processors. Problem: config.Malformed, for the list of passwords.
func Open(p Parts) (*sharedsecret.Book, error) {
	hasher, err := password.NewHasher(password.Usual(), runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, err
	}
	list, err := ReadList(p.Config.PasswordList)
	if err != nil {
		return nil, err
	}
	return sharedsecret.New(sharedsecret.Deps{
		Store: sharedsecretdb.New(p.DB), Tx: p.DB, Audit: p.Audit, Seal: p.Seal, Hasher: hasher, Now: p.Now,
		Blocklist: list, WordsOf: WordsOf(p.People), Issuer: p.Config.Public().Hostname(),
		Codes: totp.Parameters{Algorithm: totp.Algorithm(p.Config.TOTPAlgorithm), Digits: p.Config.TOTPDigits},
	})
}
