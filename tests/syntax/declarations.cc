// Which declarations each language has: kind, name, nesting, span.
#include "texts.h"

using namespace packscope;
using namespace packscope::syntax;
using namespace packscope::test;

using Lines = std::vector<std::string>;

namespace {
// The texts of the declarations, for their spans.
Lines spans(Language language, std::string_view text) {
  Lines out;
  for (const Declaration& d : parsed(language, text).declarations) out.emplace_back(slice(text, d.begin, d.end));
  return out;
}
} // namespace

TEST_CASE("C: prototypes, variables and typedefs are told apart") {
  CHECK(outline(Language::c, R"(#include <stdio.h>
#include "x.h"
#define N 4
#define MAX(a, b) ((a) > (b) ? (a) : (b))
int prototype(int a, const char* b);
static int* returns_pointer(void);
int (*function_pointer)(int);
int (parenthesized)(void);
extern int counter;
const int limit = 3;
static const char* const names[] = {"a"};
int first, second = 2;
)") == Lines{"import stdio.h", "import x.h", "macro N", "macro MAX", "function prototype", "function returns_pointer",
             "other function_pointer", "function parenthesized", "other counter", "constant limit", "constant names",
             "other first"});
  CHECK(outline(Language::c, R"(typedef struct { int x; } point;
typedef struct node { struct node* next; } node_t;
typedef int (*callback)(void*);
struct s { int a; struct { int b; } in; union u { int c; } d; };
struct forward;
struct forward* uses_forward;
enum { A, B };
)") == Lines{"type point", "type node_t", "  type node", "type callback", "type s", "  type u", "other uses_forward",
             "type"});
}

TEST_CASE("C: what is local is no declaration, but for types and functions") {
  CHECK(outline(Language::c, R"(int main(void) {
  int local = 1;
  const int constant = 2;
  int prototype(int);
  struct inner { int z; } s;
#define HERE 1
  return 0;
}
int old(a) int a; { return a; }
)") == Lines{"function main", "  type inner", "  macro HERE", "function old"});
}

TEST_CASE("C++: members, templates, aliases") {
  CHECK(outline(Language::cpp, R"(namespace a::b {
using std::vector;
using namespace std;
using T = int;
namespace fs = std::filesystem;
template <class X> concept C = true;
template <class X>
class Box : public Base {
public:
  Box();
  ~Box() = default;
  operator bool() const { return true; }
  bool operator==(const Box& o) const;
  int& get();
  static constexpr int kMax = 3;
  static int count;
  enum class E { a };
  template <class Y> void put(Y y) {}
private:
  int x_ = 0;
  std::function<void(int)> callback_;
  int (*pointer_)(int);
};
class Forward;
enum class Opaque : int;
template <> struct Box<int>;
}
)") == Lines{"module a::b", "  import std::vector", "  import std", "  type T", "  import fs", "  type C", "  type Box",
             "    function Box", "    function ~Box", "    function operator bool", "    function operator==",
             "    function get", "    constant kMax", "    type E", "    function put"});
  CHECK(outline(Language::cpp, R"(constexpr int kOne = 1;
inline constexpr std::string_view kNames[] = {"a"};
auto lambda = [](int x) { int y = x; return y; };
int Box<int>::method(int a) const { using Q = int; for (int i = 0; i < 3; ++i) {} return 0; }
extern "C" { int in_c(int); }
extern "C" int one_in_c(void) { return 1; }
template <class T> T value = T();
union U { int a; };
)") == Lines{"constant kOne", "constant kNames", "other lambda", "function Box<int>::method", "  type Q",
             "function in_c", "function one_in_c", "other value", "type U"});
}

TEST_CASE("Rust: every item, with the finer ten") {
  CHECK(outline(Language::rust, R"(//! doc
use std::fmt::{self,
    Display};
extern crate alloc;
extern "C" { fn c(x: i32) -> i32; }
#[derive(Debug)]
pub struct S<T> { pub a: T }
union U { a: u8 }
enum E { A, B(u8) }
impl<T> fmt::Display for S<T> where T: Copy {
    type Out = u8;
    const K: u8 = 1;
    fn fmt(&self) -> u8 { fn inner() {} let x = || 1; const L: u8 = 2; 0 }
}
impl S<u8> {}
pub trait Tr { type Item; fn sig(&self); fn def(&self) {} }
mod m { pub fn g() {} }
mod file;
const C: &str = "a";
static mut G: i32 = 0;
type Alias = Vec<u8>;
macro_rules! mac { ($a:expr) => { $a }; }
async unsafe fn af() {}
)") == Lines{"import [use] std::fmt::{self, Display}", "import alloc", "import extern \"C\"", "  function [fn] c",
             "type [struct] S", "type [struct] U", "type [enum] E", "implementation [impl] fmt::Display for S<T>",
             "  type [type] Out", "  constant [const] K", "  function [fn] fmt", "    function [fn] inner",
             "    constant [const] L", "implementation [impl] S<u8>", "type [trait] Tr", "  type [type] Item",
             "  function [fn] sig", "  function [fn] def", "module [mod] m", "  function [fn] g", "module [mod] file",
             "constant [const] C", "constant [const] G", "type [type] Alias", "macro [macro] mac",
             "function [fn] af"});
}

TEST_CASE("Python: decorated once, constants by their capitals") {
  CHECK(outline(Language::python, R"("""doc"""
import os, sys
import numpy as np
from . import x
from __future__ import annotations
from a.b import (c,
  d)
MAX_SIZE = 3
name = "a"
f = lambda x: x
a.b = 3
x, y = 1, 2
type X = int
@decorator(1)
@other
def fun(a=1):
    LOCAL = 1
    import json
    class Inner: pass
    def inner(): pass
class K(Base):
    FIELD = 1
    data = 2
    @property
    def p(self): return 1
    async def q(self): pass
if True:
    COND = 1
)") == Lines{"import os", "import numpy", "import .", "import __future__", "import a.b", "constant MAX_SIZE",
             "other name", "function f", "type X", "function fun", "  import json", "  type Inner",
             "  function inner", "type K", "  constant FIELD", "  function p", "  function q", "constant COND"});
}

TEST_CASE("JavaScript: functions by any syntax") {
  CHECK(outline(Language::javascript, R"(import a, {b} from "mod";
const fs = require('fs');
const K = 1, L = 2;
let v = 3;
var w;
const f = (a) => { const local = 1; return a; };
export const g = async () => 1;
export function h() { function inner() {} let q = function() {}; }
export default class D extends E { constructor() {} static async *m() {} field = () => 1; x = 2; get z() { return 1; } }
export { K as k };
export * from './o';
module.exports = { a: function() {}, b() {}, c: 1 };
Foo.prototype.bar = function () {};
var Cls = class {};
function* gen() {}
for (let i = 0; i < 3; i++) { const z = 1; }
(function () { const inside = 1; })();
export default () => 1;
)") == Lines{"import mod", "import fs", "constant K", "constant L", "other v", "other w", "function f", "function g",
             "function h", "  function inner", "  function q", "type D", "  function constructor", "  function m",
             "  function field", "  function z", "other { K as k }", "import ./o", "function a", "function b",
             "function Foo.prototype.bar", "type Cls", "function gen", "function default"});
}

TEST_CASE("Go: grouped and single declarations") {
  CHECK(outline(Language::go, R"(package main
import "fmt"
import (
	"os"
	alias "a/b"
)
const One = 1
const (
	A = iota
	B
)
var X, Y int
type S struct { a int }
type (
	I interface { M(x int) error }
	Al = S
)
func (s *S) Method() { const local = 1; type L int; var q = 1; _ = func() { var w int } }
func F[T any](a T) T { return a }
)") == Lines{"module main", "import fmt", "import os", "import a/b", "constant One", "constant A", "constant B",
             "other X", "type S", "type I", "  function M", "type Al", "function Method", "  type L", "function F"});
}

TEST_CASE("TOML, JSON and shell") {
  CHECK(outline(Language::toml, "title = 1\n[package]\nname = 'x'\n\"quoted key\" = 1\na.b = { c = 1, d = [{ e = 2 }] }\n"
                                "\n[[bin]]\npath = 2\n[target.'cfg(unix)'.dependencies]\n") ==
        Lines{"constant title", "module package", "  constant name", "  constant quoted key", "  constant a.b",
              "module bin", "  constant path", "module target.'cfg(unix)'.dependencies"});
  CHECK(outline(Language::json, R"({"a": {"b": 1}, "c": [{"e": 2}]})") == Lines{"constant a", "constant c"});
  CHECK(outline(Language::json, R"([{"a": 1}])").empty());
  CHECK(outline(Language::shell, R"(#!/bin/sh
set -e
. ./lib.sh
source "x y"
A=1
B=2 C=3 cmd
readonly R=1
export P=/x
f() { local l=1; m=2; }
function g { cat <<EOF
hello $A
EOF
}
)") == Lines{"import ./lib.sh", "import x y", "other A", "constant R", "other P", "function f", "function g"});
}

TEST_CASE("a span ends with the declaration's last token, and holds what dresses it") {
  CHECK(spans(Language::c, "#define A 1\n\n#include <a>\n\nint x;\n\n") ==
        Lines{"#define A 1", "#include <a>", "int x;"});
  CHECK(spans(Language::cpp, "template <class T>\ntemplate <class U>\nvoid A<T>::f(U) {}\n") ==
        Lines{"template <class T>\ntemplate <class U>\nvoid A<T>::f(U) {}"});
  CHECK(spans(Language::python, "@a\n@b(1)\ndef f(): pass\n") == Lines{"@a\n@b(1)\ndef f(): pass"});
  CHECK(spans(Language::javascript, "export const f = () => 1;") == Lines{"export const f = () => 1;"});
  CHECK(spans(Language::javascript, "const a = 1, b = 2;") == Lines{"a = 1", "b = 2"});
  CHECK(spans(Language::go, "package a\nconst B = 1\ntype (\n\tC int\n\tD int\n)\n") ==
        Lines{"package a", "const B = 1", "C int", "D int"});
  CHECK(spans(Language::toml, "[a]\nb = 1\n\n\n[c]\n") == Lines{"[a]\nb = 1", "b = 1", "[c]"});
}

TEST_CASE("a token belongs to the innermost declaration around it") {
  const std::string_view text = "template <class T> struct A { void f() { g(); } };\nint x;";
  const Parsed all = parsed(Language::cpp, text);
  Lines lines;
  for (const Token& token : all.tokens)
    lines.push_back(std::string(slice(text, token.begin, token.end)) + " " + std::to_string(token.declaration));
  CHECK(lines == Lines{"template 0", "< 0", "class 0", "T 0", "> 0", "struct 0", "A 0", "{ 0", "void 1", "f 1", "( 1",
                       ") 1", "{ 1", "g 1", "( 1", ") 1", "; 1", "} 1", "} 0", "; 0", "int 2", "x 2", "; 2"});
}

TEST_CASE("names are on one line and of bounded length, cut between characters") {
  CHECK(outline(Language::rust, "use a::{\n    b,\n    c\n};") == Lines{"import [use] a::{ b, c }"});
  const std::string long_name = "a" + std::string(150, 'b') + std::string("\xC3\xA9\xC3\xA9") + std::string(300, 'c');
  const Declaration odd = parsed(Language::rust, "fn " + long_name + "() {}").declarations.at(0);
  CHECK(odd.name == long_name.substr(0, 256));
  std::string wide = "a";
  for (int i = 0; i < 200; ++i) wide += "\xC3\xA9";
  CHECK(parsed(Language::rust, "fn " + wide + "() {}").declarations.at(0).name == wide.substr(0, 255));
}

TEST_CASE("declarations around a repair are still found") {
  const Lines found = outline(Language::c, "int a(void) { return 1; }\n)) ]] ??\nint b(void) { return 2; }\n");
  CHECK(found.front() == "function a");
  CHECK(found.back() == "function b");
}
