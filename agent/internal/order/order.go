// Package order sorts where size matters more than time. slices.SortStableFunc
// is compiled anew for every type, 10 KB each; what is here is compiled once.
package order

import "sort"

// By sorts a list by compare, which is negative where a comes first. What is
// equal stays in its order. It takes about twice the time of
// slices.SortStableFunc: it is for short lists and what people read.
func By[T any](list []T, compare func(a, b T) int) {
	sort.SliceStable(list, func(i, j int) bool { return compare(list[i], list[j]) < 0 })
}
