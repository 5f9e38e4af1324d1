package codec

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/watch"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// OldestMost is the most overdue items that a level names.
const OldestMost = 5

// OverdueLevel is what is overdue as scores carries it; nil: nothing.
func OverdueLevel(j credit.Judged, oldest []credit.Item) *pb.OverdueLevel {
	if j == (credit.Judged{}) && len(oldest) == 0 {
		return nil
	}
	l := &pb.OverdueLevel{JudgedMinor: j.Overdue, JudgedDays: j.MaxDaysOverdue}
	for _, i := range oldest {
		left, currency := i.Owed()
		l.Oldest = append(l.Oldest, &pb.OverdueItem{Id: i.Ref.ID, LeftMinor: left, Due: int32(i.Due), Currency: currency.String()})
	}
	return l
}

// Judged reads what OverdueLevel wrote of what is judged.
func Judged(l *pb.OverdueLevel) credit.Judged {
	return credit.Judged{Overdue: l.GetJudgedMinor(), MaxDaysOverdue: l.GetJudgedDays()}
}

// overdueLevel writes what OverdueLevel makes.
func (w *pen) overdueLevel(n protowire.Number, j credit.Judged, oldest []credit.Item) {
	if j == (credit.Judged{}) && len(oldest) == 0 {
		return
	}
	from := w.begin(n)
	w.numbers(j.Overdue, j.MaxDaysOverdue)
	for _, i := range oldest {
		from := w.begin(3)
		w.text(1, i.Ref.ID)
		left, currency := i.Owed()
		w.int(2, left)
		w.zigzag(3, int64(i.Due))
		w.code(4, currency)
		w.end(from)
	}
	w.end(from)
}

// SignsLevel is the signs as scores carries them; nil: none.
func SignsLevel(s credit.Signs) *pb.SignsLevel {
	if s == (credit.Signs{}) {
		return nil
	}
	return &pb.SignsLevel{OpenGrowth: optional(s.OpenGrowth), Distress: s.Distress}
}

// Signs reads what SignsLevel wrote.
func Signs(l *pb.SignsLevel) credit.Signs {
	return credit.Signs{OpenGrowth: micro(l.GetOpenGrowth(), l != nil && l.OpenGrowth != nil), Distress: l.GetDistress()}
}

// signsLevel writes what SignsLevel makes.
func (w *pen) signsLevel(n protowire.Number, s credit.Signs) {
	if s == (credit.Signs{}) {
		return
	}
	from := w.begin(n)
	w.micro(1, s.OpenGrowth)
	w.bool(2, s.Distress)
	w.end(from)
}

// watched writes what a customer's alerts or signals have come to, as WatchState has it.
func (w *pen) watched(n protowire.Number, s *watch.State) {
	if s.Seq == 0 && len(s.Kept) == 0 && s.Told == 0 && s.Due == 0 {
		return
	}
	from := w.begin(n)
	w.int(1, s.Seq)
	for i := range s.Kept {
		m, from := &s.Kept[i], w.begin(2)
		w.text(1, string(m.Kind))
		w.int(2, m.Seq)
		w.int(3, int64(m.Severity))
		w.text(4, m.From)
		w.text(5, m.To)
		for _, sign := range m.Signs {
			w.tag(6, protowire.BytesType)
			*w = protowire.AppendString(*w, sign)
		}
		w.int(7, int64(m.At))
		w.end(from)
	}
	w.int(3, int64(s.Told))
	w.int(4, int64(s.Due))
	w.end(from)
}
