package codec

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/credit"
	"github.com/tierstream/tierstream/pkg/fx"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// ReadPage appends what AppendPage wrote.
func (d *Days) ReadPage(b []byte) error {
	was := *d
	if d.usualPage(b) {
		return nil
	}
	*d = was
	return d.plainPage(b)
}

// plainPage is ReadPage by way of the message.
func (d *Days) plainPage(b []byte) error {
	p := &pb.HistoryPage{}
	if err := proto.Unmarshal(b, p); err != nil {
		return err
	}
	d.Buckets, d.Settled = readBuckets(d.Buckets, p.Buckets), readSettled(d.Settled, p.Settled)
	d.Portions, d.Sales = readPortions(d.Portions, p.Portions), readSales(d.Sales, p.Sales)
	d.Items = readItems(d.Items, p.Items)
	return nil
}

func (d *Days) usualPage(b []byte) bool {
	return fields(b, func(k key, _ uint64, data []byte) bool {
		switch k {
		case bytesIn(1):
			d.Buckets = append(d.Buckets, value.Bucket{})
			return usualBucket(&d.Buckets[len(d.Buckets)-1], data)
		case bytesIn(2):
			d.Settled = append(d.Settled, credit.SettledDay{})
			return usualSettled(&d.Settled[len(d.Settled)-1], data)
		case bytesIn(3):
			d.Portions = append(d.Portions, credit.Portion{})
			return usualPortion(&d.Portions[len(d.Portions)-1], data)
		case bytesIn(4):
			d.Sales = append(d.Sales, credit.Sale{})
			return usualSale(&d.Sales[len(d.Sales)-1], data)
		case bytesIn(5):
			d.Items = append(d.Items, credit.Item{})
			source := ""
			if n := len(d.Items); n > 1 {
				source = d.Items[n-2].Source
			}
			return usualItem(&d.Items[len(d.Items)-1], source, data)
		}
		return false
	})
}

func zigzag(v uint64) int64 { return protowire.DecodeZigZag(v) }

// zigzag32 is a sint32, of which protobuf looks at the lower half.
func zigzag32(v uint64) int32 { return int32(protowire.DecodeZigZag(v & (1<<32 - 1))) }

func usualBucket(x *value.Bucket, b []byte) bool {
	costed, uncosted := false, int64(0)
	ok := fields(b, func(k key, v uint64, data []byte) bool {
		switch k {
		case varint(1):
			x.Day = civil.Day(zigzag32(v))
		case varint(2):
			x.Gross = int64(v)
		case varint(3):
			x.Returns = int64(v)
		case varint(4):
			x.Orders = int32(v)
		case varint(5):
			x.ReturnCount = int32(v)
		case varint(6):
			x.Cost, costed = zigzag(v), true
		case varint(7):
			uncosted = zigzag(v)
		case varint(8):
			x.Back = zigzag(v)
		case bytesIn(9):
			return x.Categories == nil && usualCategories(&x.Categories, data)
		case bytesIn(10):
			was := x.Service
			x.Service = &value.Service{}
			return was == nil && usualService(x.Service, data)
		default:
			return false
		}
		return true
	})
	if costed {
		x.Costed = x.Gross - x.Returns - uncosted
	}
	return ok
}

// usualCategories are numbers in threes.
func usualCategories(to *[]value.Category, b []byte) bool {
	var three [3]int64
	for i := 0; len(b) > 0; i++ {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return false
		}
		b = b[n:]
		if three[i%3] = zigzag(v); i%3 == 2 {
			*to = append(*to, value.Category{Code: int32(three[0]), Net: three[1], Uncosted: three[2]})
		}
	}
	return true
}

func usualService(s *value.Service, b []byte) bool {
	return fields(b, func(k key, v uint64, _ []byte) bool {
		switch k {
		case varint(1):
			s.Contacts = int32(v)
		case varint(2):
			s.Complaints = int32(v)
		case varint(3):
			s.Visits = int32(v)
		case varint(4):
			s.Surveys = int32(v)
		case varint(5):
			s.Referrals = int32(v)
		case varint(6):
			s.Activities = int32(v)
		case varint(7):
			s.Minutes = int64(v)
		case varint(8):
			s.Unpriced = int64(v)
		case varint(9):
			s.Cost = int64(v)
		case varint(10):
			s.Answers = int64(v)
		default:
			return false
		}
		return true
	})
}

func usualSettled(x *credit.SettledDay, b []byte) bool {
	return fields(b, func(k key, v uint64, _ []byte) bool {
		switch k {
		case varint(1):
			x.Day = civil.Day(zigzag32(v))
		case varint(2):
			x.Settled = int64(v)
		case varint(3):
			x.Late = int64(v)
		case varint(4):
			x.Beyond = zigzag(v)
		default:
			return false
		}
		return true
	})
}

func usualPortion(x *credit.Portion, b []byte) bool {
	return fields(b, func(k key, v uint64, _ []byte) bool {
		switch k {
		case varint(1):
			x.Day = civil.Day(zigzag32(v))
		case varint(2):
			x.Beyond = zigzag32(v)
		case varint(3):
			x.Amount = int64(v)
		default:
			return false
		}
		return true
	})
}

func usualSale(x *credit.Sale, b []byte) bool {
	return fields(b, func(k key, v uint64, _ []byte) bool {
		switch k {
		case varint(1):
			x.Day = civil.Day(zigzag32(v))
		case varint(2):
			x.Amount = int64(v)
		default:
			return false
		}
		return true
	})
}

// usualItem reads an item. As a rule it comes from the system that the one before it comes from.
func usualItem(x *credit.Item, source string, b []byte) bool {
	terms, known, cleared := int32(0), false, int64(0)
	ok := fields(b, func(k key, v uint64, data []byte) bool {
		switch k {
		case varint(1):
			x.Ref.Invoice = v != 0
		case bytesIn(2):
			return text(&x.Ref.ID, data)
		case bytesIn(3):
			if string(data) == source {
				x.Source = source
				return true
			}
			return text(&x.Source, data)
		case varint(4):
			x.Opened = civil.Day(zigzag32(v))
		case varint(5):
			x.Due = civil.Day(zigzag32(v))
		case varint(6):
			x.Amount = int64(v)
		case varint(7):
			x.Left = int64(v)
		case varint(8):
			x.Disputed = int64(v)
		case bytesIn(9):
			currency := ""
			ok := text(&currency, data)
			x.Currency = fx.CodeOf(currency)
			return ok
		case varint(10):
			x.DocumentLeft = int64(v)
		case varint(11):
			terms, known = zigzag32(v), true
		case varint(12):
			cleared = int64(v)
		default:
			return false
		}
		return true
	})
	if known {
		onTerms(x, terms, cleared)
	}
	return ok
}
