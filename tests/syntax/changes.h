// Texts of every language that has declarations, and random changes of a text.
#pragma once

#include "syntax/language.h"

#include <algorithm>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace packscope::test {

class Changes {
public:
  explicit Changes(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t most) { return most == 0 ? 0 : random_() % most; }
  // A line or some moved, doubled, taken away, or a character.
  std::string of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    if (lines.empty()) return "x\n";
    for (std::size_t times = 1 + below(3); times > 0; --times) {
      const std::size_t at = below(lines.size()), count = std::min(1 + below(12), lines.size() - at);
      const auto begin = lines.begin() + static_cast<std::ptrdiff_t>(at), end = begin + static_cast<std::ptrdiff_t>(count);
      const std::vector<std::string> some(begin, end);
      switch (below(5)) {
      case 0: lines.erase(begin, end); break;
      case 1: lines.insert(begin, some.begin(), some.end()); break;
      case 2: std::reverse(begin, end); break;
      case 3: lines[at].insert(below(lines[at].size() + 1), 1, "{}();x\"#/ "[below(10)]); break;
      default: lines[at] += " "; break;
      }
      if (lines.empty()) lines.push_back("");
    }
    std::string out;
    for (const std::string& line : lines) out += line + "\n";
    return out;
  }

private:
  std::mt19937 random_;
};

struct Sample {
  syntax::Language language;
  const char* text;
};
inline constexpr Sample kSamples[] = {
    {syntax::Language::rust, "use std::fmt;\n\npub mod inner {\n  #[derive(Debug)]\n  pub struct Point { x: i32, y: i32 }\n  impl Point {\n    pub const ZERO: i32 = 0;\n"
                     "    pub fn new(x: i32) -> Self { Point { x, y: 2 } }\n    fn sum(&self) -> i32 { self.x + self.y }\n  }\n}\n\nmacro_rules! twice { ($e:expr) => { $e; $e } }\n"
                     "static NAME: &str = \"name\";\ntrait Shape { fn area(&self) -> f64; }\nenum Kind { A, B(u8) }\nfn main() { let p = inner::Point::new(1); println!(\"{}\", 1); }\n"},
    {syntax::Language::python, "import os\nfrom sys import path\n\nLIMIT = 3\n\n@decorated\nclass A(object):\n    FIELD = 1\n    def one(self):\n        return 1\n\n    @property\n    def two(self):\n"
                       "        def inner():\n            pass\n        return inner\n\ndef main():\n    for x in path:\n        print(x)\n\nif __name__ == '__main__':\n    main()\n"},
    {syntax::Language::javascript, "import a from 'a';\nexport const B = 2;\nexport function f(x) { return x + 1; }\nclass C extends a {\n  constructor() { super(); }\n  get d() { return 1; }\n}\n"
                           "let e = () => { const inner = 3; return inner; };\nmodule.exports = { f: f, g: function () { return 2; } };\n"},
    {syntax::Language::go, "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nconst (\n\tA = 1\n\tB = 2\n)\n\ntype T struct {\n\tx int\n}\n\ntype I interface {\n\tM() int\n}\n\n"
                   "func (t *T) M() int {\n\treturn t.x\n}\n\nfunc main() {\n\tfmt.Println(os.Args, A)\n}\n"},
    {syntax::Language::c, "#include <stdio.h>\n#define N 3\n\ntypedef struct point { int x, y; } point;\nstatic const int kMany = 7;\nint add(int a, int b);\n\nint add(int a, int b) {\n  return a + b;\n}\n\n"
                  "#ifdef N\nenum { A, B };\n#endif\n\nint main(void) {\n  printf(\"%d\\n\", add(1, 2));\n  return 0;\n}\n"},
    {syntax::Language::json, "{\n  \"name\": \"a\",\n  \"version\": \"1.0\",\n  \"scripts\": {\n    \"test\": \"x\"\n  },\n  \"list\": [\n    1,\n    2\n  ],\n  \"last\": true\n}\n"},
    {syntax::Language::toml, "[package]\nname = \"a\"\nversion = \"1\"\n\n[dependencies]\nserde = { version = \"1\", features = [\"derive\"] }\nlog = \"0.4\"\n\n[[bin]]\nname = \"b\"\n"},
    {syntax::Language::shell, "#!/bin/sh\nset -e\nreadonly A=1\nB=2\nf() {\n  local c=3\n  echo \"$c\"\n}\nif [ -n \"$A\" ]; then\n  f\nfi\n. ./other.sh\n"},
};

} // namespace packscope::test
