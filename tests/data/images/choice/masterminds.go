// Writes what Masterminds/semver 3.4.0 (the version that argocd-image-updater v1.3.0 is built with) and Go's
// own filepath.Match and regexp say of versions, constraints, patterns and expressions: go run . > masterminds.json
package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"sort"

	"github.com/Masterminds/semver/v3"
)

var tags = []string{
	"1.4.2", "v1.4.2", "V1.4.2", "1", "v1", "1.2", "01.2.3", "1.02.3", "1.2.3.4", "1.2.3-rc1", "1.2.3-rc.1",
	"1.2.3-rc.10", "1.2.3-rc.2", "1.2.3-alpha", "1.2.3-0", "1.2.3-00", "1.2.3-01a", "1.2.3-sha0123456",
	"1.2.3-0123456", "1.2.3-a..b", "1.2.3-", "1.2.3_1", "1.2-rc1", "1-rc1", "1.2.3-1.2", "1.2.3-99999999999999999999",
	"1.2.3-99", "1.2.3-103", "1.2.3-a-b", "1.2.3--1", "latest", "main-abc1234", "", "1.", ".1", "v", "vv1", "1.x",
	"18446744073709551615.0.0", "18446744073709551616.0.0", "20240101", "2024.01.15", "2024.1.15", "1.2.3-ALPHA",
	"1.2.3-rc1.x", "0.0.1", "0.1.0", "0.0.0", " 1.2.3", "1.2.3 ", "1.2.3\n",
}

var versions = []string{
	"0.0.0", "0.0.1", "0.0.3", "0.0.4", "0.1.0", "0.2.3", "0.2.9", "0.3.0", "1.0.0-rc1", "1.0.0", "1.1.1", "1.2.0",
	"1.2.3-alpha", "1.2.3", "1.2.4", "1.3.0-0", "1.3.9", "1.4.0-rc1", "1.4.0", "1.4.2", "1.5.0-rc1", "1.5.0",
	"2.0.0-0", "2.0.0-rc1", "2.0.0", "2.1.0", "11.1.0", "11.2.0", "12.0.0", "v1.4.3", "1.4", "2",
}

var constraints = []string{
	"", "*", "x", "X", "1", "1.x", "1.X", "1.*", "v1.x", "1.4", "1.4.x", "1.4.2", "=1.4.2", "= 1.4.2", "!=1.4.2",
	"!=1.4", "!=1.4.x", "!=1", "!=*", ">1.4.2", ">1.4", ">1", ">11", ">11.1", ">*", "<1.4.2", "<1.4", "<1", "<*",
	">=1.4.2", ">=1.4", ">=1", "=>1.4", ">=*", "<=1.4.2", "<=1.4", "<=1", "=<1.4", "<=*", "~1.4.2", "~1.4", "~1",
	"~1.4.x", "~1.x", "~*", "~>1.4", "~0.0.0", "~0", "~0.0", "~0.2", "~0.2.3", "^1.2.3", "^1.2", "^1", "^1.2.x",
	"^0.2.3", "^0.2", "^0.0.3", "^0.0", "^0", "^*", "^0.0.0", "1.2 - 1.4", "1.2.3 - 1.4.0", "1.2 - 1.4.5, !=1.3.9",
	">=1.2, <1.4", ">=1.2 <1.4", ">= 1.2 , < 1.4", ">=1.2,<1.4 || >=2", "1.2.x || 2.x", "1.2.3 || 1.4.2",
	">=1.0.0-0", "1.x-0", "1.4.x-0", "~1.4-0", "^1.2-0", "*-0", ">0-0", ">=1.2.3-alpha <2", "<2.0.0-0", "!=1.4.0-0",
	">=1.4 || <1.2-0", "1.4.0-rc1", "=1.5.0-rc1", "~1.5.0-rc1", "^1.5.0-rc1", "1.2.0 - 1.4.0-0", "1.2-rc1",
	"latest", "a.b.c", "1.2.3.4", "1..2", ">", ">>1", "1.2 -1.4", "1 2", "1,2", "1,,2", "1 || ", "|| 1", "1|2", "1 | 2", "1.xx",
	"1x", "v*", "^v1.2", "~ 1.4", " 1.4 ", "1.4.2+build", "1.4.2-rc1+build", "!1", "==1.4", "1.4.2-", "18446744073709551616.x", "1.x.5", "*.1.2",
	"1.2.3-01", "\t1.4", "1.2  -  1.4", "x.2", "<1.x", ">1.x", "<=1.x", ">=1.x",
}

type pair struct{ Pattern, Text string }

var globs = []pair{
	{"*", "1.2"}, {"*-rc*", "1.5.0-rc1"}, {"*-rc*", "1.5.0"}, {"dev-*", "dev-12"}, {"dev-*", "my-dev-12"}, {"1.2.?", "1.2.3"},
	{"1.2.?", "1.2.34"}, {"[ab]*", "abc"}, {"[^ab]*", "abc"}, {"[!ab]*", "abc"}, {"[!ab]*", "!x"}, {"[a-c]1", "b1"}, {"[", "["},
	{"[a", "a"}, {"[]a]", "a"}, {"[-a]", "a"}, {"[a-]", "a"}, {`\*`, "*"}, {`\*`, "a"}, {`a\`, `a\`}, {"", ""}, {"", "a"}, {"latest", "latest"},
	{"lat", "latest"}, {"*/x", "a/x"}, {"*", "a/x"}, {"?", "/"}, {"[^a]", "/"}, {"é?", "éa"}, {"**", "ab"}, {"a*b*c", "aXbXc"},
	{"a]", "a]"}, {"[[]", "["}, {`[\]]`, "]"}, {"x[", "y"}, {"[a-c-e]", "b"}, {"[z-a]", "b"}, {"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaa"},
}

var expressions = []pair{
	{"^v", "v1.2"}, {"^v", "dev"}, {`^v[0-9]+\.[0-9]+\.[0-9]+-sha[0-9a-f]{7,40}$`, "v1.2.3-sha0123456"},
	{`^v[0-9]+\.[0-9]+\.[0-9]+-sha[0-9a-f]{7,40}$`, "v1.2.3-sha012345"}, {`^\d+\.\d+\.\d+$`, "1.2.3"}, {`^\d+\.\d+\.\d+$`, "1.2.3-rc1"},
	{`^[0-9a-f]{7}$`, "a5fb3d3"}, {`^[0-9a-f]{7}$`, "latest"}, {"^(main|release)-", "release-1"}, {"^(main|release)-", "dev-1"},
	{"^(?:a|b)+$", "abba"}, {"(?i)^RC", "rc1"}, {"^(?i:rc)-X$", "RC-X"}, {"^(?i:rc)-X$", "RC-x"}, {"a{2}", "aa"}, {"^a{2}$", "aaa"}, {"^a{2,}$", "aaa"},
	{"^a{,2}$", "a{,2}"}, {"^a{2,1}$", "aa"}, {"a{1001}", "a"}, {"(", "a"}, {")", "a"}, {"[", "a"}, {"[]", "a"}, {"[]a]", "]"}, {"[^]a]", "b"}, {"*", "a"}, {"a**", "a"}, {"a*?", "a"},
	{"a*+", "a"}, {"a??", ""}, {"+", "a"}, {"|a", ""}, {"a|", "b"}, {"^$", ""}, {"^$", "a"}, {"(?!dev)", "a"}, {"(?=a)", "a"}, {"(?<!a)b", "b"}, {`(a)\1`, "aa"},
	{`\d`, "1"}, {`\D`, "1"}, {`\w+`, "a_1"}, {`^\W$`, "-"}, {`^\S+$`, "a b"}, {`\bfoo\b`, "a-foo-b"}, {`\bfoo\b`, "afoob"}, {`\Afoo\z`, "foo"}, {`foo\Z`, "foo"},
	{"[[:alpha:]]+", "1a"}, {"^[[:digit:]]+$", "12"}, {"^[[:^digit:]]+$", "ab"}, {"[[:foo:]]", "a"}, {"[a-z", "a"}, {"[z-a]", "b"}, {`[\d.]+`, "1.2"}, {`^[\w-]+$`, "a-b"}, {`^[^\d]+$`, "a1"},
	{`\.`, "a"}, {`\q`, "q"}, {`\-`, "-"}, {`\x41`, "A"}, {`\x{41}`, "A"}, {`\x4`, "A"}, {`\t`, "t"}, {`\Qa.b\E`, "a.b"}, {`\Qa.b`, "axb"}, {"(?P<n>a)", "a"}, {"(?<n>a)", "a"}, {"(?P<n>a)(?P<n>b)", "ab"}, {"(?P=n)", "a"},
	{"(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"}, {"^(a|a)*$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"}, {".*.*.*=.*", "aaaaaaaaaaaaaaaaaaaaaaa"}, {"^.{3}$", "abc"}, {"^.$", "é"},
	{"(?s).", "a"}, {"(?z)a", "a"}, {"(?i-s:A)b", "ab"}, {"(?m)^a$", "a"}, {"(?U)a+", "a"}, {"a$b", "a$b"}, {"^^a", "a"}, {"a{3}{2}", "aaaaaa"}, {"(a{100}){11}", "a"}, {"(a{100}){10}", "a"}, {"", "anything"}, {"é", "é"}, {"[à-ü]", "é"},
	{"a{0}b", "b"}, {"(|a)+", "a"}, {"(a*)*b", "aab"}, {"(?i)[A-C]", "b"}, {"(?i)[^a]", "A"}, {"[a-]", "-"}, {"[-a]", "-"}, {"[a-c-e]", "-"}, {`[\-a]`, "-"}, {"[.]", "a"}, {"[a-\\d]", "a"}, {"{", "{"}, {"a{", "a{"}, {"a{x}", "a{x}"}, {"a{1", "a{1"}, {"]", "]"}, {"}", "}"},
}

func main() {
	out := map[string]any{}
	parsed := [][]any{}
	valid := []*semver.Version{}
	for _, t := range tags {
		v, err := semver.NewVersion(t)
		if err != nil {
			parsed = append(parsed, []any{t, nil})
			continue
		}
		parsed = append(parsed, []any{t, []any{v.Major(), v.Minor(), v.Patch(), v.Prerelease()}})
		valid = append(valid, v)
	}
	out["versions"] = parsed
	sort.Slice(valid, func(i, j int) bool {
		if c := valid[i].Compare(valid[j]); c != 0 {
			return c < 0
		}
		return valid[i].Original() < valid[j].Original()
	})
	order := []string{}
	for _, v := range valid {
		order = append(order, v.Original())
	}
	out["order"] = order
	fits := [][]any{}
	for _, c := range constraints {
		con, err := semver.NewConstraint(c)
		if err != nil {
			fits = append(fits, []any{c, nil})
			continue
		}
		found := []string{}
		for _, v := range versions {
			if con.Check(semver.MustParse(v)) {
				found = append(found, v)
			}
		}
		fits = append(fits, []any{c, found})
	}
	out["tried"], out["constraints"] = versions, fits
	matched := [][]any{}
	for _, g := range globs {
		ok, err := filepath.Match(g.Pattern, g.Text)
		if err != nil {
			matched = append(matched, []any{g.Pattern, g.Text, nil})
		} else {
			matched = append(matched, []any{g.Pattern, g.Text, ok})
		}
	}
	out["globs"] = matched
	expressed := [][]any{}
	for _, e := range expressions {
		re, err := regexp.Compile(e.Pattern)
		if err != nil {
			expressed = append(expressed, []any{e.Pattern, e.Text, nil})
		} else {
			expressed = append(expressed, []any{e.Pattern, e.Text, re.MatchString(e.Text)})
		}
	}
	out["expressions"] = expressed
	out["source"] = "github.com/Masterminds/semver/v3@v3.4.0, path/filepath and regexp of Go 1.26, by masterminds.go beside this file"
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		panic(err)
	}
}
