package policy

import (
	"fmt"
	"strings"
)

const comparisonHint = "compare it, as in value.net >= 10000"

// syntaxMistake puts a parser's complaint into the words of whoever writes policies.
func syntaxMistake(message string) (what, hint string) {
	switch {
	case strings.HasPrefix(message, "expression recursion limit"):
		return fmt.Sprintf("the condition has more than %d brackets within each other", maxNesting), ""
	case strings.HasPrefix(message, "expression code point size"):
		return fmt.Sprintf("the condition is longer than %d characters", maxConditionLength), ""
	}
	message = strings.TrimPrefix(message, "Syntax error: ")
	message, _, _ = strings.Cut(message, " expecting ")
	_, quoted, _ := strings.Cut(message, "'")
	quoted = strings.TrimSuffix(quoted, "'")
	switch {
	case strings.Contains(quoted, "<EOF>"):
		return "the condition ends where something is missing", ""
	case strings.HasPrefix(message, "token recognition error"):
		quoted = strings.TrimSpace(quoted)
		return fmt.Sprintf("%s is no sign of a condition", quoted), operatorHint(quoted)
	case strings.HasPrefix(message, "mismatched"), strings.HasPrefix(message, "extraneous"), strings.HasPrefix(message, "no viable"):
		return fmt.Sprintf("%s is not expected here", quoted), operatorHint(quoted)
	}
	return message, ""
}

func operatorHint(word string) string {
	for _, known := range []struct{ begins, instead string }{
		{"and", "&&"}, {"AND", "&&"}, {"&", "&&"}, {"or", "||"}, {"OR", "||"}, {"|", "||"}, {"not", "!"}, {"NOT", "!"},
		{"=>", ">="}, {"=", "=="}, {"<>", "!="},
	} {
		if strings.HasPrefix(word, known.begins) {
			return "write " + known.instead
		}
	}
	if strings.HasPrefix(word, ",") {
		return "write numbers without separators: 10000"
	}
	return ""
}

// undeclared is the name that the type checker doesn't know.
func undeclared(message string) (string, bool) {
	rest, ok := strings.CutPrefix(message, "undeclared reference to '")
	name, _, _ := strings.Cut(rest, "'")
	return name, ok
}

// typeMistake puts a type checker's complaint into such words.
func typeMistake(message string) (what, hint string) {
	if name, ok := undeclared(message); ok {
		return fmt.Sprintf("there is no function %s", name), "conditions are comparisons joined by &&, || and !"
	}
	if found, ok := strings.CutPrefix(message, "expected type 'bool' but found '"); ok {
		return fmt.Sprintf("true or false is expected here, not %s", inWords(strings.TrimSuffix(found, "'"))), comparisonHint
	}
	rest, ok := strings.CutPrefix(message, "found no matching overload for '")
	if !ok {
		return message, ""
	}
	function, rest, _ := strings.Cut(rest, "' applied to '")
	arguments := strings.TrimSuffix(rest, "'")
	operator := strings.Trim(function, "_")
	if operator == function && strings.IndexFunc(function, isLetter) >= 0 {
		return fmt.Sprintf("%s can't take %s", function, arguments), ""
	}
	types := strings.Split(strings.Trim(arguments, "()"), ", ")
	for i := range types {
		types[i] = inWords(types[i])
	}
	if operator == "&&" || operator == "||" || operator == "!" {
		hint = comparisonHint
	}
	return fmt.Sprintf("%s can't be used with %s", operator, strings.Join(types, " and ")), hint
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' }

// inWords names a type.
func inWords(kind string) string {
	kind = strings.TrimSuffix(strings.TrimPrefix(kind, "wrapper("), ")")
	switch kind {
	case "double", "int", "uint":
		return "a number"
	case "string":
		return "a text"
	case "bool":
		return "true or false"
	case "timestamp", "google.protobuf.Timestamp":
		return "a moment"
	case "duration", "google.protobuf.Duration":
		return "a duration"
	case "null", "null_type":
		return "null"
	}
	return "a " + kind
}
