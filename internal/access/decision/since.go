package decision

import (
	"encoding/binary"
	"time"

	"github.com/warder-project/warder/internal/base/ids"
)

// Since is before the identifier of every decision made at a time or later, and after
// all earlier ones.
func Since(at time.Time) ids.Decision {
	var raw [16]byte
	var millis [8]byte
	binary.BigEndian.PutUint64(millis[:], uint64(max(at.UnixMilli(), 0)))
	copy(raw[:6], millis[2:])
	return ids.Decision(prefix + encoding.EncodeToString(raw[:]))
}
