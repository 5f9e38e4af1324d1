package loadgen

// queue is a binary heap: the smallest by less is first. less must be a total order, so that the order of leaving
// doesn't depend on the order of coming.
type queue[T any] struct {
	less func(a, b T) bool
	all  []T
}

func (q *queue[T]) push(one T) {
	q.all = append(q.all, one)
	for i := len(q.all) - 1; i > 0; {
		parent := (i - 1) / 2
		if !q.less(q.all[i], q.all[parent]) {
			return
		}
		q.all[i], q.all[parent] = q.all[parent], q.all[i]
		i = parent
	}
}

// pop takes the first; the queue is not empty.
func (q *queue[T]) pop() T {
	first, last := q.all[0], len(q.all)-1
	q.all[0] = q.all[last]
	clear(q.all[last:])
	q.all = q.all[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			return first
		}
		if child+1 < last && q.less(q.all[child+1], q.all[child]) {
			child++
		}
		if !q.less(q.all[child], q.all[i]) {
			return first
		}
		q.all[i], q.all[child] = q.all[child], q.all[i]
		i = child
	}
}
