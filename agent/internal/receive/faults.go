package receive

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
)

// Faults are what an endpoint does wrong on purpose, so that it can be tried
// what an agent does then. The zero value does nothing wrong.
type Faults struct {
	First int // so many deliveries are refused at first

	// Percent of the others fail: they are refused, or the connection breaks
	// before they are kept, or after that and before the answer.
	Percent int
}

// ParseFaults reads a number of deliveries, or a share of them such as 20%.
func ParseFaults(text string) (Faults, error) {
	number, share := strings.CutSuffix(text, "%")
	n, err := strconv.Atoi(number)
	switch {
	case err != nil || n < 0 || share && n > 100:
		return Faults{}, errors.New("write how many deliveries to refuse at first, such as 3, or which share of all is to fail, such as 20%")
	case share:
		return Faults{Percent: n}, nil
	default:
		return Faults{First: n}, nil
	}
}

// A fault is what goes wrong with one delivery.
type fault int

const (
	noFault      fault = iota
	refused            // with 503
	cutBefore          // the connection breaks before anything is kept
	cutAfter           // it is kept, and the connection breaks before the answer
	kindsOfFault = int(iota) - 1
)

// A faulty hands out the faults.
type faulty struct {
	mu     sync.Mutex
	faults Faults
}

func (f *faulty) next() fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.faults.First > 0:
		f.faults.First--
		return refused
	case rand.IntN(100) < f.faults.Percent:
		return refused + fault(rand.IntN(kindsOfFault))
	default:
		return noFault
	}
}
