package tierctl

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/loadgen"
)

func loadgenCommand() *cobra.Command {
	cfg := loadgen.Default()
	var out string
	var rate, foreign int
	c := &cobra.Command{
		Use:   "loadgen --customers N --days D --seed S [--out F | --rate R]",
		Short: "Generate the trade of a company's customers, always the same for a seed",
		Example: `  tierctl loadgen --customers 1000 --days 365 --seed 7 --out events.jsonl
  tierctl loadgen --customers 1000 --days 30 --seed 7 --rate 200`,
		Args: exactly(),
	}
	f := c.Flags()
	f.IntVar(&cfg.Customers, "customers", 1000, "number of customers")
	f.IntVar(&cfg.Days, "days", 365, "length in days")
	f.Uint64Var(&cfg.Seed, "seed", 1, "the same seed gives the same bytes")
	f.StringVar(&cfg.Currency, "currency", cfg.Currency, "currency of every amount (ISO 4217), but for --foreign")
	f.IntVar(&foreign, "foreign", 0, "percent of customers who trade in euros, dollars or yen; lines with exchange rates come with them")
	f.StringVar(&out, "out", "", "file for the lines; without it, and without --rate, stdout")
	f.IntVar(&rate, "rate", 0, "send onto the topics instead, so many lines a second; the trade then ends today")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if rate < 0 || rate > 0 && out != "" {
			return usagef("--rate is a positive number, and goes without --out: see tierctl loadgen --help")
		}
		cfg.Foreign = foreign * loadgen.Whole / 100
		if rate > 0 {
			return generateLive(cmd, cfg, rate)
		}
		return generate(cmd, cfg, out)
	}
	return c
}

func generate(cmd *cobra.Command, cfg loadgen.Config, out string) (err error) {
	w := cmd.OutOrStdout()
	if out != "" {
		f, err := os.Create(out)
		if err != nil {
			return fmt.Errorf("writing the trade: %w", err)
		}
		defer func() {
			if e := f.Close(); err == nil && e != nil {
				err = fmt.Errorf("writing %s: %w (is the disk full?)", out, e)
			}
		}()
		w = f
	}
	sum, err := loadgen.Write(w, cfg)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.ErrOrStderr(), "%d lines: %d events of %d customers, %d duplicates, %d late, %d malformed\n",
		sum.Lines, sum.Events, sum.Customers, sum.Duplicates, sum.Late, sum.Malformed)
	return err
}
