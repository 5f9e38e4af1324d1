package redisstate

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/processor"
)

// callTimeout bounds one call, so that a hung server becomes an error.
const callTimeout = 3 * time.Second

// keysMost bounds one Apply: Redis is blocked while it runs. A batch ends at 1,000 customers of two keys, and what ends it may
// bring a few more: a Tick 100.
const keysMost = 2400

// Slot is the state of one partition of one stage. Its keys share a hash tag.
type Slot struct {
	store *Store
	tag   string
}

// Slot names a partition: {prefix stage:p17}.
func (s *Store) Slot(prefix, stage string, partition int) *Slot {
	return &Slot{s, "{" + prefix + stage + ":p" + strconv.Itoa(partition) + "}:"}
}

func (s *Slot) key(name string) string         { return s.tag + name }
func (s *Slot) blobKey(customer string) string { return s.tag + "c:" + customer }
func (s *Slot) regsKey(customer string) string { return s.tag + "o:" + customer }

// Read answers with what was asked for and the token of that very state: one MULTI/EXEC.
func (s *Slot) Read(ctx context.Context, q processor.Query) (processor.Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	pipe := s.store.client.TxPipeline()
	r := s.queue(ctx, pipe, q)
	if err := s.exec(ctx, pipe, "reading"); err != nil {
		return processor.Reply{}, err
	}
	reply, err := r.reply(q)
	if err != nil {
		err = fmt.Errorf("reading %s: %w", s.tag, err)
	}
	return reply, err
}

// exec runs what was queued, as one. That something is absent is no error.
func (s *Slot) exec(ctx context.Context, pipe redis.Pipeliner, doing string) error {
	all, err := pipe.Exec(ctx)
	for _, c := range all { // an absent key is the first error, and may hide one that is none
		if err == nil || errors.Is(err, redis.Nil) {
			err = c.Err()
		}
	}
	if err == nil || errors.Is(err, redis.Nil) {
		return nil
	}
	return s.failed(doing, reason(all, err))
}

// reading is the answers that a Read waits for.
type reading struct {
	cursor, part, last *redis.StringCmd
	next               *redis.ZSliceCmd
	due                *redis.ZSliceCmd
	blobs              *redis.SliceCmd
	some               []*redis.SliceCmd
	all                []*redis.MapStringStringCmd
}

func (s *Slot) queue(ctx context.Context, p redis.Pipeliner, q processor.Query) *reading {
	r := &reading{cursor: p.Get(ctx, s.key("cursor")), next: p.ZRangeWithScores(ctx, s.key("due"), 0, 0)}
	if q.Part {
		r.part = p.Get(ctx, s.key("part"))
	}
	if q.Last {
		r.last = p.Get(ctx, s.key("last"))
	}
	if q.Due {
		from := "-inf"
		if q.DueFrom != 0 {
			from = strconv.FormatInt(int64(q.DueFrom), 10)
		}
		r.due = p.ZRangeByScoreWithScores(ctx, s.key("due"), &redis.ZRangeBy{Min: from, Max: strconv.FormatInt(int64(q.DueTo), 10), Count: int64(q.DueMost)})
	}
	if len(q.Customers) > 0 {
		keys := make([]string, len(q.Customers))
		for i, id := range q.Customers {
			keys[i] = s.blobKey(id)
		}
		r.blobs = p.MGet(ctx, keys...)
	}
	for _, f := range q.Registers {
		if f.All {
			r.all = append(r.all, p.HGetAll(ctx, s.regsKey(f.Customer)))
			continue
		}
		r.some = append(r.some, p.HMGet(ctx, s.regsKey(f.Customer), f.Names...))
	}
	return r
}

func (r *reading) reply(q processor.Query) (out processor.Reply, err error) {
	if out.Token, out.Missing, err = readToken(r.cursor.Val()); err != nil {
		return out, err
	}
	out.NextDue = processor.NoDue
	if z := r.next.Val(); len(z) > 0 {
		out.NextDue = civil.Instant(z[0].Score)
	}
	if r.part != nil && r.part.Err() == nil {
		out.Part = []byte(r.part.Val())
	}
	if r.last != nil {
		if out.Last, err = unpackLast([]byte(r.last.Val())); err != nil {
			return out, err
		}
	}
	if r.due != nil {
		for _, z := range r.due.Val() {
			out.Due = append(out.Due, processor.DueCustomer(z.Member.(string)))
		}
	}
	r.customers(q, &out)
	return out, nil
}

func (r *reading) customers(q processor.Query, out *processor.Reply) {
	out.Blobs = make(map[string][]byte, len(q.Customers))
	for i, id := range q.Customers {
		if text, ok := r.blobs.Val()[i].(string); ok {
			out.Blobs[id] = []byte(text)
		}
	}
	out.Registers = make(map[string]map[string][]byte, len(q.Registers))
	some, all := r.some, r.all
	for _, f := range q.Registers {
		into := out.Registers[f.Customer]
		if into == nil {
			into = map[string][]byte{}
			out.Registers[f.Customer] = into
		}
		if f.All {
			for name, v := range all[0].Val() {
				into[name] = []byte(v)
			}
			all = all[1:]
			continue
		}
		for i, v := range some[0].Val() {
			if text, ok := v.(string); ok {
				into[f.Names[i]] = []byte(text)
			}
		}
		some = some[1:]
	}
}

// Apply runs the script.
func (s *Slot) Apply(ctx context.Context, w processor.Write) (processor.Reply, error) {
	keys, args := s.arguments(w)
	if len(keys) > keysMost {
		return processor.Reply{}, fmt.Errorf("applying to %s: %d keys are more than one call may take (%d)", s.tag, len(keys), keysMost)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	answer, err := s.store.apply.Run(ctx, s.store.client, keys, args...).Slice()
	if err != nil {
		return processor.Reply{}, s.failed("applying to", err)
	}
	return applied(answer)
}

// arguments are the script's: a list of each of what there is of a customer.
func (s *Slot) arguments(w processor.Write) (keys []string, args []any) {
	const head = 7
	n := len(w.Customers)
	seconds, values, fields := 0, head+3*n, 0
	for i := range w.Customers {
		c := &w.Customers[i]
		fields += len(c.Set) + len(c.Del)
		values += 2*len(c.Set) + len(c.Del)
		if c.Wait != 0 {
			seconds++
		}
	}
	keys, args = make([]string, 5+2*n), make([]any, head+3*n, values+2*seconds)
	copy(keys, []string{s.key("cursor"), s.key("last"), s.key("due"), s.key("part"), s.key("idx")})
	expect := ""
	if w.Expect != (processor.Token{}) {
		expect = writeToken(w.Expect)
	}
	var shape []byte
	if fields > 0 {
		shape = make([]byte, 0, 6*n)
	}
	ids, blobs, dues := args[head:head+n], args[head+n:head+2*n], args[head+2*n:]
	for i := range w.Customers {
		c := &w.Customers[i]
		keys[5+i], keys[5+n+i] = s.blobKey(c.ID), s.regsKey(c.ID)
		// The client takes pointers too: to make an interface of the text itself would copy it.
		ids[i], blobs[i], dues[i] = &c.ID, c.Blob, ""
		if c.Due != processor.NoDue {
			dues[i] = (*int64)(&c.Due)
		}
		if fields > 0 {
			shape = three(three(shape, len(c.Set)), len(c.Del))
		}
		for j := range c.Set {
			args = append(args, &c.Set[j].Name, c.Set[j].Value)
		}
		for j := range c.Del {
			args = append(args, &c.Del[j])
		}
	}
	copy(args, []any{expect, writeToken(w.Next), w.Part, packLast(w.Last), n, seconds, shape})
	return keys, appendSeconds(args, w.Customers)
}

// three appends a number in three bytes.
func three(b []byte, n int) []byte { return append(b, byte(n>>16), byte(n>>8), byte(n)) }

// appendSeconds appends the second places in the due set as the script takes them.
func appendSeconds(args []any, customers []processor.CustomerWrite) []any {
	for i := range customers {
		switch c := &customers[i]; c.Wait {
		case 0:
		case processor.NoDue:
			args = append(args, "none", &c.ID)
		default:
			args = append(args, (*int64)(&c.Wait), &c.ID)
		}
	}
	return args
}

func applied(answer []any) (r processor.Reply, err error) {
	if len(answer) != 3 {
		return r, fmt.Errorf("the script answered %d values, want 3", len(answer))
	}
	done, _ := answer[0].(int64)
	cursor, _ := answer[1].(string)
	next, _ := answer[2].(string)
	r.Conflict = done == 0
	r.NextDue = processor.NoDue
	if next != "" {
		f, err := strconv.ParseFloat(next, 64)
		if err != nil {
			return r, fmt.Errorf("the script answered a due moment %q: %w", next, err)
		}
		r.NextDue = civil.Instant(f)
	}
	r.Token, r.Missing, err = readToken(cursor)
	return r, err
}
