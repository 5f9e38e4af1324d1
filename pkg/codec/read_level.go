package codec

import (
	"google.golang.org/protobuf/proto"

	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// ReadScore reads a record of scores.
func ReadScore(b []byte) (*pb.Score, error) {
	if s := levelScore(b); s != nil {
		return s, nil
	}
	s := &pb.Score{}
	return s, proto.Unmarshal(b, s)
}

// levelScore is a score with a level in it.
func levelScore(b []byte) *pb.Score {
	x := &struct {
		score   pb.Score
		body    pb.Score_Level
		level   pb.Level
		trigger pb.Trigger
	}{}
	s, l, seen := &x.score, &x.level, false
	s.Body, x.body.Level = &x.body, l
	ok := fields(b, func(k key, v uint64, data []byte) bool {
		switch k {
		case varint(1):
			s.Number = int64(v)
		case varint(2):
			s.Fact = int64(v)
		case varint(3):
			s.At = int64(v)
		case bytesIn(4):
			return once(&seen) && level(l, &x.trigger, data)
		default:
			return false
		}
		return true
	})
	if !ok || !seen {
		return nil
	}
	return s
}

func level(l *pb.Level, t *pb.Trigger, b []byte) bool {
	figures := &struct { // kept longer than the rest
		value  pb.ValueLevel
		credit pb.CreditLevel
		worth  [11]int64
		pays   [8]int64
	}{}
	return fields(b, func(k key, v uint64, data []byte) bool {
		switch k {
		case bytesIn(1):
			return text(&l.CustomerId, data)
		case varint(2):
			l.Version = int64(v)
		case varint(3):
			l.Rule = int64(v)
		case bytesIn(4):
			was := l.Trigger
			l.Trigger = t
			return was == nil && trigger(t, data)
		case bytesIn(5):
			was := l.Value
			l.Value = &figures.value
			return was == nil && valueLevel(l.Value, figures.worth[:], data)
		case bytesIn(6):
			was := l.Credit
			l.Credit = &figures.credit
			return was == nil && creditLevel(l.Credit, figures.pays[:], data)
		case varint(7):
			l.NextDue = int64(v)
		case varint(15):
			l.Segment = int64(v)
		case bytesIn(20): // of few
			was := l.Overdue
			l.Overdue = &pb.OverdueLevel{}
			return was == nil && proto.Unmarshal(data, l.Overdue) == nil
		case bytesIn(21):
			was := l.Signs
			l.Signs = &pb.SignsLevel{}
			return was == nil && signsLevel(l.Signs, data)
		default:
			return false
		}
		return true
	})
}

func signsLevel(l *pb.SignsLevel, b []byte) bool {
	return fields(b, func(k key, v uint64, _ []byte) bool {
		switch k {
		case varint(1):
			growth := int64(v)
			l.OpenGrowth = &growth
		case varint(2):
			l.Distress = v != 0
		default:
			return false
		}
		return true
	})
}

func trigger(t *pb.Trigger, b []byte) bool {
	return fields(b, func(k key, v uint64, data []byte) bool {
		switch k {
		case varint(1):
			t.Kind = pb.Trigger_Kind(int32(v))
			return true
		case bytesIn(2):
			return text(&t.EventId, data)
		case bytesIn(3):
			return text(&t.Topic, data)
		}
		return false
	})
}

func valueLevel(l *pb.ValueLevel, known []int64, b []byte) bool {
	to := [...]*int64{&l.GrossMinor, &l.ReturnsMinor, &l.NetMinor, &l.Orders, &l.Returns, &l.LastOrderAt, &known[0], &l.CostToServeMinor,
		&known[1], &known[2], &known[3], &known[4], &known[5], &known[6], &known[7], &known[8], &known[9], &l.Lifecycle, &known[10]}
	optional := [...]**int64{7: &l.MeanGapDays, 9: &l.ContributionMinor, 10: &l.Score, 11: &l.Potential, 12: &l.Growth, 13: &l.ReorderRatio,
		14: &l.TenureDays, 15: &l.Satisfaction, 16: &l.Breadth, 17: &l.GapVariability, 19: &l.ContactDays}
	return fields(b, func(k key, v uint64, _ []byte) bool {
		n := k>>3 - 1
		if k&7 != 0 || n >= key(len(to)) {
			return false
		}
		*to[n] = int64(v)
		if n+1 < key(len(optional)) && optional[n+1] != nil {
			*optional[n+1] = to[n]
		}
		return true
	})
}

func creditLevel(l *pb.CreditLevel, known []int64, b []byte) bool {
	to := [...]*int64{&l.OpenMinor, &l.UnappliedMinor, &l.OverdueMinor, &l.DisputedMinor, &l.CommitmentsMinor, &l.ExposureMinor,
		&l.AgeingCurrentMinor, &l.AgeingD1_30Minor, &l.AgeingD31_60Minor, &l.AgeingD61_90Minor, &l.AgeingD90PlusMinor,
		&l.MaxDaysOverdue, &l.Settled, &l.SettledLate, &known[0], &known[1], &known[2], &known[3], &known[4], &l.Grade, &known[5],
		&l.Warnings, &known[6], &known[7]}
	return fields(b, func(k key, v uint64, _ []byte) bool {
		switch k { // what is disputed is rare
		case varint(35):
			l.FailedPayments = int64(v)
			return true
		case varint(36):
			l.BrokenPromises = int64(v)
			return true
		case varint(37):
			l.PartPayments = int64(v)
			return true
		}
		n := k>>3 - 1
		if k&7 != 0 || n >= key(len(to)) {
			return false
		}
		*to[n] = int64(v)
		switch k {
		case varint(15):
			l.OnTimeRate = to[n]
		case varint(16):
			l.MeanDaysBeyondTerms = to[n]
		case varint(17):
			l.Promptness = to[n]
		case varint(18):
			l.DsoDays = to[n]
		case varint(19):
			l.Score = to[n]
		case varint(21):
			l.LimitMinor = to[n]
		case varint(23):
			l.RecentDays = to[n]
		case varint(24):
			l.HabitDays = to[n]
		}
		return true
	})
}
