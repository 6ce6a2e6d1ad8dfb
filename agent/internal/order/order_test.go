package order_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/order"
)

func TestBy(t *testing.T) {
	type item struct{ key, at int }
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 200 {
		list := make([]item, n)
		for i := range list {
			list[i] = item{random.IntN(10), i}
		}
		want := slices.Clone(list)
		compare := func(a, b item) int { return cmp.Compare(b.key, a.key) }
		slices.SortStableFunc(want, compare)
		if order.By(list, compare); !slices.Equal(list, want) {
			t.Fatalf("%d items: got %v, want %v", n, list, want)
		}
	}
}
