#include "servable/generation/python_literal.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "servable/base/status.h"

namespace magenta_serving {
namespace {

using Kind = PythonLiteral::Kind;

// CPython's own bounds.
constexpr int kMaxDepth = 200;
constexpr size_t kMaxIntegerDigits = 4300;

absl::Status SyntaxError(absl::string_view what) { return MagentaError("SyntaxError", what); }

absl::Status Malformed(absl::string_view what) {
  return MagentaError("ValueError",
                      absl::StrCat("malformed node or string: ", what, " is not a literal"));
}

PythonLiteral Other(std::string type_name) {
  PythonLiteral literal;
  literal.kind = Kind::kOther;
  literal.other = std::move(type_name);
  return literal;
}

bool StartsName(char c) {
  return absl::ascii_isalpha(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool ContinuesName(char c) { return StartsName(c) || absl::ascii_isdigit(c); }

class Parser {
 public:
  explicit Parser(absl::string_view text) : rest_(text) {}

  // Everything: one value, or several with commas between them, which are a tuple.
  absl::StatusOr<PythonLiteral> ParseAll() {
    if (absl::StrContains(rest_, '\0')) return SyntaxError("source contains a null byte");
    SkipSpace(/*over_lines=*/true);
    MS_ASSIGN_OR_RETURN(PythonLiteral value, ParseItems('\0'));
    return value;
  }

 private:
  // Items up to the bracket `close`, which is passed, or up to the end for '\0'. What is between
  // round brackets, or none, is a tuple only if it has a comma or nothing in it.
  absl::StatusOr<PythonLiteral> ParseItems(char close) {
    PythonLiteral sequence;
    sequence.kind = close == ']' ? Kind::kList : Kind::kTuple;
    bool has_comma = false;
    bool is_dict = close == '}';
    SkipSpace(close != '\0');
    while (!AtEnd(close)) {
      if (!sequence.items.empty() && !has_comma) return SyntaxError("invalid syntax");
      MS_ASSIGN_OR_RETURN(PythonLiteral item, ParseSum(close != '\0'));
      if (close == '}') {
        is_dict = Take(":");
        if (is_dict) {
          SkipSpace(true);
          MS_RETURN_IF_ERROR(ParseSum(true).status());
        }
      }
      sequence.items.push_back(std::move(item));
      SkipSpace(close != '\0');
      has_comma = Take(",");
      SkipSpace(close != '\0');
      if (!has_comma && !AtEnd(close)) return SyntaxError("invalid syntax");
    }
    if (close == '\0' && sequence.items.empty()) return SyntaxError("invalid syntax");
    if (close != '\0') rest_.remove_prefix(1);
    if (close == '}') return Other(is_dict ? "dict" : "set");
    if (close != ']' && sequence.items.size() == 1 && !has_comma) {
      return std::move(sequence.items[0]);
    }
    return sequence;
  }

  // Whether `close` comes next. Without one, whether nothing but empty lines does.
  bool AtEnd(char close) {
    if (close != '\0') return !rest_.empty() && rest_[0] == close;
    if (!absl::StartsWith(rest_, "\n") && !absl::StartsWith(rest_, "\r")) return rest_.empty();
    SkipSpace(/*over_lines=*/true);
    return rest_.empty();
  }

  // A value, of which a complex number may be written as a sum, and nothing behind it that would
  // make it part of an expression.
  absl::StatusOr<PythonLiteral> ParseSum(bool over_lines) {
    MS_ASSIGN_OR_RETURN(PythonLiteral value, ParseSigned(over_lines));
    SkipSpace(over_lines);
    if (value.IsNumber() && (Take("+") || Take("-"))) {
      SkipSpace(over_lines);
      MS_ASSIGN_OR_RETURN(PythonLiteral imaginary, ParseAtom(over_lines));
      if (value.kind == Kind::kBool || imaginary.other != "complex") return Malformed("a sum");
      value = std::move(imaginary);
      SkipSpace(over_lines);
    }
    if (ContinuesExpression()) return Malformed("an expression");
    return value;
  }

  // Whether what comes next makes the operand before it part of an expression.
  bool ContinuesExpression() const {
    for (const char* next : {"+",   "-",    "*",   "/",   "%",   "@",    "&",   "|",
                             "^",   "<",    ">",   "==",  "!=",  ".",    "(",   "[",
                             "if ", "and ", "or ", "in ", "is ", "not ", "for "}) {
      if (absl::StartsWith(rest_, next)) return true;
    }
    return false;
  }

  absl::StatusOr<PythonLiteral> ParseSigned(bool over_lines) {
    const bool is_negative = absl::StartsWith(rest_, "-");
    if (!Take("-") && !Take("+")) return ParseAtom(over_lines);
    SkipSpace(over_lines);
    if (absl::StartsWith(rest_, "-") || absl::StartsWith(rest_, "+")) return Malformed("two signs");
    MS_ASSIGN_OR_RETURN(PythonLiteral value, ParseAtom(over_lines));
    if (value.other == "complex") return value;
    if (value.kind != Kind::kInt && value.kind != Kind::kFloat) return Malformed("a sign");
    if (is_negative) value.number = -value.number;
    return value;
  }

  absl::StatusOr<PythonLiteral> ParseAtom(bool over_lines) {
    if (rest_.empty()) return SyntaxError("unexpected end of the value");
    const char first = rest_[0];
    for (const absl::string_view brackets : {"()", "[]", "{}"}) {
      if (first != brackets[0]) continue;
      if (depth_ >= kMaxDepth) return SyntaxError("too many nested parentheses");
      ++depth_;
      rest_.remove_prefix(1);
      MS_ASSIGN_OR_RETURN(PythonLiteral value, ParseItems(brackets[1]));
      --depth_;
      return value;
    }
    if (first == '"' || first == '\'') return ParseStrings(over_lines);
    if (Take("...")) return Other("ellipsis");
    if (absl::ascii_isdigit(first) || first == '.') return ParseNumber();
    if (StartsName(first)) return ParseName(over_lines);
    return SyntaxError("invalid syntax");
  }

  absl::StatusOr<PythonLiteral> ParseName(bool over_lines) {
    size_t length = 0;
    while (length < rest_.size() && ContinuesName(rest_[length])) ++length;
    const std::string name(rest_.substr(0, length));
    rest_.remove_prefix(length);
    if (name == "None") return PythonLiteral();
    if (name == "set" && Take("()")) return Other("set");
    if (name == "True" || name == "False")
      return PythonLiteral::Number(Kind::kBool, name == "True");
    if (absl::StartsWith(rest_, "'") || absl::StartsWith(rest_, "\"")) {
      const std::string prefix = absl::AsciiStrToLower(name);
      MS_ASSIGN_OR_RETURN(PythonLiteral value, ParseStrings(over_lines));
      if (prefix == "r" || prefix == "u") return value;
      if (prefix == "b" || prefix == "br" || prefix == "rb") return Other("bytes");
      if (prefix != "f" && prefix != "fr" && prefix != "rf") return SyntaxError("invalid syntax");
    }
    SkipSpace(over_lines);
    // Two names side by side are no expression, nor is an assignment.
    if (!rest_.empty() && !ContinuesExpression() && name != "not" && name != "lambda" &&
        (ContinuesName(rest_[0]) || rest_[0] == '=')) {
      return SyntaxError("invalid syntax");
    }
    return Malformed(name);
  }

  // One string, or several that stand side by side.
  absl::StatusOr<PythonLiteral> ParseStrings(bool over_lines) {
    PythonLiteral literal;
    literal.kind = Kind::kString;
    literal.is_empty_string = true;
    while (!rest_.empty() && (rest_[0] == '"' || rest_[0] == '\'')) {
      const std::string triple(3, rest_[0]);
      const std::string quote = absl::StartsWith(rest_, triple) ? triple : triple.substr(0, 1);
      rest_.remove_prefix(quote.size());
      size_t length = 0;
      while (length < rest_.size() && !absl::StartsWith(rest_.substr(length), quote)) {
        if (rest_[length] == '\n' && quote.size() == 1) break;
        length += rest_[length] == '\\' ? 2 : 1;
      }
      if (length >= rest_.size() || rest_[length] == '\n') {
        return SyntaxError("unterminated string literal");
      }
      if (length > 0) literal.is_empty_string = false;
      rest_.remove_prefix(length + quote.size());
      SkipSpace(over_lines);
    }
    return literal;
  }

  absl::StatusOr<PythonLiteral> ParseNumber() {
    const bool has_prefix = rest_.size() > 1 && rest_[0] == '0' && absl::ascii_isalpha(rest_[1]) &&
                            !absl::StrContains("eEjJ", rest_[1]);
    // All that could belong to a number, so that nothing is left glued to it.
    size_t length = 0;
    while (length < rest_.size()) {
      const char c = rest_[length];
      const bool is_exponents_sign = (c == '+' || c == '-') && length > 0 && !has_prefix &&
                                     absl::ascii_tolower(rest_[length - 1]) == 'e';
      if (!ContinuesName(c) && c != '.' && !is_exponents_sign) break;
      ++length;
    }
    const absl::string_view text = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return has_prefix ? ParseInteger(text) : ParseDecimal(text);
  }

  // "0x1F", "0b1", "0o17".
  absl::StatusOr<PythonLiteral> ParseInteger(absl::string_view text) {
    const char letter = absl::ascii_tolower(text[1]);
    const int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    double value = 0;
    bool last_is_digit = false;
    for (size_t i = 2; i < text.size(); ++i) {
      const char c = text[i];
      const int digit = absl::ascii_isdigit(c)   ? c - '0'
                        : absl::ascii_isalpha(c) ? absl::ascii_tolower(c) - 'a' + 10
                                                 : 36;
      const bool is_digit = digit < base;
      if (!is_digit && c != '_') return SyntaxError("invalid number");
      if (is_digit) value = value * base + digit;
      if (c == '_' && !last_is_digit && i > 2) return SyntaxError("invalid number");
      last_is_digit = is_digit;
    }
    if (!last_is_digit) return SyntaxError("invalid number");
    return PythonLiteral::Number(Kind::kInt, value);
  }

  absl::StatusOr<PythonLiteral> ParseDecimal(absl::string_view text) {
    size_t at = 0;
    // Passes digits with single underscores between them; how many there were, or nullopt when an
    // underscore is out of place.
    const auto digits = [&]() -> int64_t {
      int64_t count = 0;
      while (at < text.size() && (absl::ascii_isdigit(text[at]) || text[at] == '_')) {
        const bool is_digit = absl::ascii_isdigit(text[at]);
        const bool next_is_digit = at + 1 < text.size() && absl::ascii_isdigit(text[at + 1]);
        if (!is_digit && (count == 0 || !next_is_digit)) return -1;
        if (is_digit) ++count;
        ++at;
      }
      return count;
    };
    const int64_t whole = digits();
    bool is_float = false;
    int64_t fraction = 0;
    if (whole >= 0 && at < text.size() && text[at] == '.') {
      is_float = true;
      ++at;
      fraction = digits();
    }
    if (whole < 0 || fraction < 0 || whole + fraction == 0) return SyntaxError("invalid number");
    if (at < text.size() && absl::ascii_tolower(text[at]) == 'e') {
      is_float = true;
      ++at;
      if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
      if (digits() <= 0) return SyntaxError("invalid number");
    }
    if (at + 1 == text.size() && absl::ascii_tolower(text[at]) == 'j') return Other("complex");
    if (at != text.size()) return SyntaxError("invalid number");
    const std::string plain = absl::StrReplaceAll(text, {{"_", ""}});
    if (!is_float) {
      if (plain[0] == '0' && plain.find_first_not_of('0') != std::string::npos) {
        return SyntaxError("leading zeros in an integer");
      }
      if (plain.size() > kMaxIntegerDigits) return SyntaxError("an integer has too many digits");
    }
    return PythonLiteral::Number(is_float ? Kind::kFloat : Kind::kInt,
                                 std::strtod(plain.c_str(), nullptr));
  }

  // Passes spaces, comments and, between brackets, the ends of lines.
  void SkipSpace(bool over_lines) {
    while (!rest_.empty()) {
      const char c = rest_[0];
      if (c == '#') {
        rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
      } else if (c == ' ' || c == '\t' || c == '\f' || (over_lines && (c == '\n' || c == '\r'))) {
        rest_.remove_prefix(1);
      } else {
        return;
      }
    }
  }

  bool Take(absl::string_view token) {
    if (!absl::StartsWith(rest_, token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  absl::string_view rest_;
  int depth_ = 0;
};

}  // namespace

bool PythonLiteral::IsTrue() const {
  switch (kind) {
    case Kind::kNone:
      return false;
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kFloat:
      return number != 0;
    case Kind::kString:
      return !is_empty_string;
    case Kind::kList:
    case Kind::kTuple:
      return !items.empty();
    case Kind::kOther:
      break;
  }
  return true;
}

std::string PythonLiteral::TypeName() const {
  switch (kind) {
    case Kind::kNone:
      return "NoneType";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kFloat:
      return "float";
    case Kind::kString:
      return "str";
    case Kind::kList:
      return "list";
    case Kind::kTuple:
      return "tuple";
    case Kind::kOther:
      break;
  }
  return other;
}

absl::StatusOr<PythonLiteral> ParsePythonLiteral(absl::string_view text) {
  return Parser(text).ParseAll();
}

}  // namespace magenta_serving
