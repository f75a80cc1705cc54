#include "servable/generation/python_literal.h"

#include <cmath>
#include <string>

#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

// The value as Python's repr writes it, strings as '' or '...'.
std::string Repr(const PythonLiteral& value) {
  using Kind = PythonLiteral::Kind;
  switch (value.kind) {
    case Kind::kNone:
      return "None";
    case Kind::kBool:
      return value.IsTrue() ? "True" : "False";
    case Kind::kInt:
      return std::to_string(static_cast<int64_t>(value.number));
    case Kind::kFloat:
      return std::to_string(value.number);
    case Kind::kString:
      return value.IsTrue() ? "'...'" : "''";
    case Kind::kOther:
      return value.TypeName();
    default:
      break;
  }
  std::string items;
  for (const PythonLiteral& item : value.items) items += Repr(item) + ",";
  return value.kind == Kind::kList ? "[" + items + "]" : "(" + items + ")";
}

std::string Parsed(absl::string_view text) {
  const absl::StatusOr<PythonLiteral> value = ParsePythonLiteral(text);
  if (value.ok()) return Repr(*value);
  return std::string(value.status().message().substr(0, value.status().message().find(':')));
}

TEST(PythonLiteralTest, ReadsNumbers) {
  EXPECT_EQ(Parsed("5"), "5");
  EXPECT_EQ(Parsed("-5"), "-5");
  EXPECT_EQ(Parsed("+ 5"), "5");
  EXPECT_EQ(Parsed("-(5)"), "-5");
  EXPECT_EQ(Parsed("1_000"), "1000");
  EXPECT_EQ(Parsed("0x1F"), "31");
  EXPECT_EQ(Parsed("0b_101"), "5");
  EXPECT_EQ(Parsed("0o17"), "15");
  EXPECT_EQ(Parsed("00"), "0");
  EXPECT_EQ(Parsed("1.5"), "1.500000");
  EXPECT_EQ(Parsed("1."), "1.000000");
  EXPECT_EQ(Parsed(".5"), "0.500000");
  EXPECT_EQ(Parsed("2e-1"), "0.200000");
  EXPECT_EQ(Parsed("1_0.5_0E+0_1"), "105.000000");
  EXPECT_EQ(Parsed("1j"), "complex");
  EXPECT_EQ(Parsed("-1.5 - 2J"), "complex");
  EXPECT_TRUE(std::isinf(ParsePythonLiteral("1e400")->number));
}

TEST(PythonLiteralTest, ReadsListsAndTuples) {
  EXPECT_EQ(Parsed("[1, 2.0, True,]"), "[1,2.000000,True,]");
  EXPECT_EQ(Parsed("[]"), "[]");
  EXPECT_EQ(Parsed("()"), "()");
  EXPECT_EQ(Parsed("(1)"), "1");
  EXPECT_EQ(Parsed("(1,)"), "(1,)");
  EXPECT_EQ(Parsed("1, 2"), "(1,2,)");
  EXPECT_EQ(Parsed("[[1, 2], (3, None)]"), "[[1,2,],(3,None,),]");
  EXPECT_EQ(Parsed(" [1, # one\n 2]\n\n# end"), "[1,2,]");
  EXPECT_EQ(Parsed(std::string(150, '(') + std::string(150, ')')), "()");
}

TEST(PythonLiteralTest, ReadsStrings) {
  EXPECT_EQ(Parsed("''"), "''");
  EXPECT_EQ(Parsed("\"it's\" 'x'"), "'...'");
  EXPECT_EQ(Parsed("r'\\'"), "SyntaxError");
  EXPECT_EQ(Parsed("'''a\n'b'''"), "'...'");
  EXPECT_EQ(Parsed("['', 'a\\'b']"), "['','...',]");
}

TEST(PythonLiteralTest, NamesOtherTypes) {
  EXPECT_EQ(Parsed("{1, 2}"), "set");
  EXPECT_EQ(Parsed("{1: [2], 3: 4}"), "dict");
  EXPECT_EQ(Parsed("{}"), "dict");
  EXPECT_EQ(Parsed("b'a'"), "bytes");
  EXPECT_EQ(Parsed("..."), "ellipsis");
  EXPECT_EQ(Parsed("set()"), "set");
}

TEST(PythonLiteralTest, RefusesExpressions) {
  for (const char* text :
       {"nan", "foo", "[1] * 12", "1 + 2", "--5", "-True", "-'a'", "f'a'", "a.b", "f(1)", "[1][0]",
        "not True", "lambda: 1", "1 if True else 2", "[x for x in y]", "[1, -None]", "1 < 2"}) {
    EXPECT_EQ(Parsed(text), "ValueError") << text;
  }
}

TEST(PythonLiteralTest, RefusesWhatIsNotPython) {
  for (const char* text :
       {"",    " ",    "1 2", "[1 2]",    "[,]",     "(,)",  "[1,,2]", "007", "1__0",
        "1e",  "0b12", "0x",  "5L",       "1.5.2",   "'a",   "[1",     "1]",  "(1]",
        "x=1", "1;2",  "*5",  "\"a\nb\"", "print 5", "'a\\", "5\n6"}) {
    EXPECT_EQ(Parsed(text), "SyntaxError") << text;
  }
  EXPECT_EQ(Parsed(absl::string_view("1\0", 2)), "SyntaxError");
  EXPECT_EQ(Parsed(std::string(5000, '9')), "SyntaxError");
  EXPECT_EQ(Parsed(std::string(250, '(') + std::string(250, ')')), "SyntaxError");
  EXPECT_EQ(Parsed(std::string(100000, '[')), "SyntaxError");
}

TEST(PythonLiteralTest, KnowsWhatIsTrue) {
  for (const char* text : {"True", "1", "-0.5", "'a'", "[0]", "(0,)", "..."}) {
    EXPECT_TRUE(ParsePythonLiteral(text)->IsTrue()) << text;
  }
  for (const char* text : {"False", "0", "0.0", "''", "[]", "()", "None"}) {
    EXPECT_FALSE(ParsePythonLiteral(text)->IsTrue()) << text;
  }
}

}  // namespace
}  // namespace magenta_serving
