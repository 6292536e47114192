package table_test

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/warder-project/warder/internal/feeds/table"
)

// report is a generated table of 22 columns, the width of an AWS credential report.
func report(rows int) string {
	var b strings.Builder
	for column := range 22 {
		if column > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "column_%d", column)
	}
	b.WriteByte('\n')
	for row := range rows {
		fmt.Fprintf(&b, "user%d,arn:aws:iam::123456789012:user/user%d,2024-05-01T10:00:00+00:00,true,2026-11-01T08:00:00+00:00,2024-05-01T10:00:00+00:00,N/A,false,true,2024-05-01T10:00:00+00:00,2026-11-01T08:00:00+00:00,eu-west-2,s3,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n", row, row)
	}
	return b.String()
}

// BenchmarkRows is to be read beside BenchmarkPlain: the ratio is the price of
// limits, places and checks.
func BenchmarkRows(b *testing.B) {
	text := report(20_000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		rows, err := table.Open(strings.NewReader(text), table.Options{})
		if err != nil {
			b.Fatal(err)
		}
		seen := 0
		for rows.Next() {
			seen += len(rows.Field(3))
		}
		if rows.Err() != nil || seen == 0 {
			b.Fatal(rows.Err())
		}
	}
}

func BenchmarkPlain(b *testing.B) {
	text := report(20_000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		reader := csv.NewReader(strings.NewReader(text))
		reader.ReuseRecord = true
		seen := 0
		for {
			record, err := reader.Read()
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			seen += len(record[3])
		}
	}
}
