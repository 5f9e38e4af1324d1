package tierctl

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
)

// output is the flag -o.
type output struct{ format string }

// formats are what -o takes.
func formats() []string { return []string{"table", "json", "csv"} }

func (o *output) flag(c *cobra.Command) {
	c.Flags().StringVarP(&o.format, "output", "o", "table", "table, json or csv")
	oneOf(c, "output", formats()...)
}

// check is for before any work is done.
func (o *output) check() error {
	if !slices.Contains(formats(), o.format) {
		return usagef("-o %q is not known: use table, json or csv", o.format)
	}
	return nil
}

// show writes rows as a table or CSV, or value as JSON.
func (o *output) show(w io.Writer, value any, header table.Row, rows []table.Row) error {
	if o.format == "json" {
		return writeJSON(w, value)
	}
	t := table.NewWriter()
	t.AppendHeader(header)
	t.AppendRows(rows)
	text := t.Render()
	if o.format == "csv" {
		text = t.RenderCSV()
	}
	_, err := fmt.Fprintln(w, text)
	return err
}

func writeJSON(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}

// oneOf completes a flag that takes one of a few values.
func oneOf(c *cobra.Command, flag string, values ...string) {
	// It fails only for a flag that there isn't; the test of completion would see it.
	_ = c.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, begun string) (fit []string, _ cobra.ShellCompDirective) {
		for _, v := range values {
			if strings.HasPrefix(v, begun) {
				fit = append(fit, v)
			}
		}
		return fit, cobra.ShellCompDirectiveNoFileComp
	})
}

// plain is a text that is safe on a terminal: what isn't printable is quoted.
func plain(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}

// when is a moment in UTC.
func when(i codec.Instant) string {
	if i == 0 {
		return "never"
	}
	return civil.Instant(i).String()
}
