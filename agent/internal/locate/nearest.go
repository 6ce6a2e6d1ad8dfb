package locate

import "slices"

// nearest leaves out every candidate that is known to be farther away than
// another, and says of each why. Where the tables contradict each other, all
// of them stay.
//
// One pass finds a few that no other of them is nearer than; because what is
// known of a site is not complete, each of these is then held against all.
func nearest(candidates []candidate) (rest []candidate, out []ruledOut) {
	why := make([]string, len(candidates))
	var front []int
	for i, c := range candidates {
		front = slices.DeleteFunc(front, func(f int) bool {
			why[f] = farther(candidates[f], c)
			return why[f] != ""
		})
		for _, f := range front {
			if why[i] = farther(c, candidates[f]); why[i] != "" {
				break
			}
		}
		if why[i] == "" {
			front = append(front, i)
		}
	}
	for _, f := range front {
		for _, other := range candidates {
			if why[f] = farther(candidates[f], other); why[f] != "" {
				break
			}
		}
	}
	out = make([]ruledOut, 0, len(candidates))
	for i, c := range candidates {
		if why[i] == "" {
			rest = append(rest, c)
		} else {
			out = append(out, ruledOut{c, why[i]})
		}
	}
	if len(rest) == 0 {
		return candidates, nil
	}
	return rest, out
}

// farther says why a is certainly farther from the station than b; empty when
// that is not certain.
//
// On a tree of switches A and B, let p be the port on which A sees the
// station and q the one on which B does. The station is behind B exactly when
// p leads to B and q does not lead to A. Where q is known not to lead to A, it
// is enough that nothing speaks against p: the way from A to the station then
// enters B by another port than q and leaves it by q.
func farther(a, b candidate) string {
	if a.port.device == b.port.device {
		return ""
	}
	if b.direct && !a.direct {
		return b.port.device.title + " hears it announce itself on " + b.port.label
	}
	towardB, towardA := a.port.device.toward[b.port.device.index], b.port.device.toward[a.port.device.index]
	if towardA != nil && towardA != b.port && (towardB == nil || towardB == a.port) {
		return b.port.device.title + " is behind this port"
	}
	return ""
}
