package loadgen

import "fmt"

// introduce sends the profile of a customer who joins.
func (c *customer) introduce() {
	p := profile{
		Name: companyName(c.dice, c.industry, c.region), Industry: c.industry.Name, Size: c.size.Name,
		Region: c.region.Name, AccountManager: pick(c.dice, managers()), TimeZone: "Asia/Shanghai", Locale: "zh-CN",
	}
	if c.terms != CashTerms {
		p.CreditLimit = &creditLimit{c.limit(), c.currency}
	}
	c.post(TopicProfiles, "crm", "profile", event{profile: p})
}

// limit is what a customer may owe: the sales of a quarter plus their terms, in thousands of major units, rounded up.
func (c *customer) limit() int64 {
	thousand := 1000 * c.scale
	yearly := c.median * c.rate / 1000
	return (yearly*int64(91+c.terms)/365/thousand + 1) * thousand
}

func (c *customer) changeManager() {
	c.post(TopicProfiles, "crm", "profile", event{profile: profile{AccountManager: pick(c.dice, managers())}})
}

// engage is a contact other than trade: one half service, the others surveys, visits and a few referrals.
func (c *customer) engage() {
	switch draw := c.below(100); {
	case draw < 50:
		c.post(TopicEngagements, "shop", "service_contact", event{ServiceContact: c.contact()})
	case draw < 70:
		c.post(TopicEngagements, "shop", "survey", event{Survey: &survey{c.between(4, 10)}})
	case draw < 95:
		kind := pick(c.dice, []string{"visit", "training", "webinar", "login"})
		c.post(TopicEngagements, "shop", "activity", event{Activity: &activity{kind}})
	default:
		other := fmt.Sprintf("C%07d", c.below(int64(c.w.cfg.Customers))+1)
		c.post(TopicEngagements, "shop", "referral", event{Referral: &referral{other}})
	}
}

// contact lasts 3 to 60 minutes at 2 major units each.
func (c *customer) contact() *serviceContact {
	minutes := c.between(3, 60)
	return &serviceContact{
		Minutes: minutes, CostMinor: minutes * 2 * c.scale, Currency: c.currency,
		Channel: pick(c.dice, []string{"phone", "chat", "mail"}), Complaint: c.chance(ShareComplaints),
	}
}
