package loadgen

// An Industry is a trade that customers are in.
type Industry struct {
	Name    string
	Share   int // of customers, basis points
	Amount  int // of an order, percent of what the size class orders
	Rate    int // of orders, percent likewise
	Chinese string
	English string
}

// Industries are the trades of customers. Amounts and rates balance: dear goods are bought seldom.
func Industries() []Industry {
	return []Industry{
		{"retail", 2200, 80, 125, "商贸", "Trading"},
		{"catering", 1500, 60, 150, "餐饮", "Catering"},
		{"electronics", 1300, 140, 90, "电子", "Electronics"},
		{"textiles", 1100, 95, 105, "纺织", "Textiles"},
		{"construction", 1000, 170, 70, "建材", "Building Materials"},
		{"machinery", 900, 220, 55, "机械", "Machinery"},
		{"medical", 800, 130, 85, "医疗器械", "Medical"},
		{"logistics", 700, 90, 110, "物流", "Logistics"},
		{"education", 500, 85, 80, "文教", "Education"},
	}
}

// A SizeClass is how large customers are, by the names of the Chinese classification of enterprises.
type SizeClass struct {
	Name   string
	Share  int // of customers, basis points
	Median int // of an order, major units, tax included
	Rate   int // orders a year
}

// SizeClasses are the sizes of customers; they make the pyramid of tiers.
func SizeClasses() []SizeClass {
	return []SizeClass{
		{"micro", 4800, 470, 8},
		{"small", 3200, 1250, 16},
		{"medium", 1450, 3200, 31},
		{"large", 550, 7600, 57},
	}
}

// A Region is where customers are.
type Region struct {
	Name   string
	Share  int // of customers, basis points
	cities []city
}

type city struct{ chinese, english string }

// Regions are the regions of customers.
func Regions() []Region {
	return []Region{
		{"east", 3500, []city{{"上海", "Shanghai"}, {"苏州", "Suzhou"}, {"杭州", "Hangzhou"}, {"宁波", "Ningbo"}}},
		{"south", 2200, []city{{"广州", "Guangzhou"}, {"深圳", "Shenzhen"}, {"东莞", "Dongguan"}}},
		{"north", 1600, []city{{"北京", "Beijing"}, {"天津", "Tianjin"}, {"青岛", "Qingdao"}}},
		{"central", 1100, []city{{"武汉", "Wuhan"}, {"长沙", "Changsha"}, {"郑州", "Zhengzhou"}}},
		{"southwest", 900, []city{{"成都", "Chengdu"}, {"重庆", "Chongqing"}}},
		{"northeast", 400, []city{{"沈阳", "Shenyang"}, {"大连", "Dalian"}}},
		{"northwest", 300, []city{{"西安", "Xi'an"}, {"兰州", "Lanzhou"}}},
	}
}

// brands are made-up house names, drawn for the sound of them.
func brands() []city {
	return []city{
		{"恒远", "Hengyuan"}, {"瑞丰", "Ruifeng"}, {"华晟", "Huasheng"}, {"金泰", "Jintai"}, {"博文", "Bowen"},
		{"鑫达", "Xinda"}, {"云帆", "Yunfan"}, {"嘉禾", "Jiahe"}, {"明德", "Mingde"}, {"东升", "Dongsheng"},
		{"永信", "Yongxin"}, {"天成", "Tiancheng"}, {"宏业", "Hongye"}, {"百川", "Baichuan"}, {"新辉", "Xinhui"},
		{"安然", "Anran"}, {"隆兴", "Longxing"}, {"众合", "Zhonghe"}, {"启航", "Qihang"}, {"万邦", "Wanbang"},
	}
}

// managers are the account managers.
func managers() []string {
	return []string{
		"wang.fang", "li.na", "zhang.wei", "liu.yang", "chen.jing", "zhao.lei", "huang.min", "zhou.tao",
		"wu.xia", "xu.peng", "sun.li", "ma.chao", "emma.clarke", "daniel.reyes",
	}
}

// companyName draws a name: 苏州恒远机械有限公司 or Hengyuan Machinery (Suzhou) Co., Ltd.
func companyName(d dice, in Industry, re Region) string {
	brand, where := pick(d, brands()), pick(d, re.cities)
	if d.chance(ShareChineseNames) {
		return where.chinese + brand.chinese + in.Chinese + "有限公司"
	}
	return brand.english + " " + in.English + " (" + where.english + ") Co., Ltd."
}
