package evidence

import (
	"context"
	"encoding/hex"
	"hash"
	"io"
)

// original reads the pieces of an item one after the other.
type original struct {
	ctx     context.Context // of the one call that reads it to the end
	archive *Archive
	item    Item
	next    int
	piece   []byte
	sum     hash.Hash
	err     error
}

func (o *original) Read(p []byte) (int, error) {
	for len(o.piece) == 0 && o.err == nil {
		o.err = o.fill()
	}
	if len(o.piece) == 0 {
		return 0, o.err
	}
	n := copy(p, o.piece)
	o.piece = o.piece[n:]
	return n, nil
}

func (o *original) fill() error {
	if o.next == o.item.Chunks {
		if hex.EncodeToString(o.sum.Sum(nil)) != o.item.SHA256 {
			return Damaged.New()
		}
		return io.EOF
	}
	sealed, err := o.archive.deps.Store.Chunk(o.ctx, o.item.ID, o.next)
	if err != nil {
		return err
	}
	plain, err := o.archive.deps.Sealer.Open(sealed, rowOf(o.item.ID, o.next))
	if err != nil {
		return Damaged.Because(err)
	}
	o.next++
	o.sum.Write(plain)
	o.piece = plain
	return nil
}
