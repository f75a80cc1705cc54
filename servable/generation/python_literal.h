// Values written as Python literals, which is how Magenta takes control values: "[5, 10.5]".
// Reproduces ast.literal_eval of Python 3.11 for the values that a request can use.
#ifndef MAGENTA_SERVING_GENERATION_PYTHON_LITERAL_H_
#define MAGENTA_SERVING_GENERATION_PYTHON_LITERAL_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace magenta_serving {

struct PythonLiteral {
  enum class Kind {
    kNone,
    kBool,
    kInt,
    kFloat,
    kString,
    kList,
    kTuple,
    kOther,  // complex numbers, bytes, sets, dictionaries, "...": of the type only the name is kept
  };

  Kind kind = Kind::kNone;
  double number = 0;                 // of a bool, int or float; integers are rounded to doubles
  bool is_empty_string = false;      // of a string no more than this is kept
  std::vector<PythonLiteral> items;  // of a list or tuple
  std::string other;                 // "complex", "bytes", "set", "dict", "ellipsis"

  // `kind` is one of kBool, kInt and kFloat.
  static PythonLiteral Number(Kind kind, double value) {
    PythonLiteral literal;
    literal.kind = kind;
    literal.number = value;
    return literal;
  }

  static PythonLiteral List(std::vector<PythonLiteral> items) {
    PythonLiteral literal;
    literal.kind = Kind::kList;
    literal.items = std::move(items);
    return literal;
  }

  bool IsNumber() const {
    return kind == Kind::kBool || kind == Kind::kInt || kind == Kind::kFloat;
  }

  // Python's bool(value).
  bool IsTrue() const;

  // Name of the type in Python: "int", "NoneType".
  std::string TypeName() const;
};

// The value of `text`. SyntaxError where Python finds one, ValueError for an expression that is not
// a literal ("[1] * 12", "nan"). Of an expression that is not one, what comes behind the place that
// shows it is not looked at.
absl::StatusOr<PythonLiteral> ParsePythonLiteral(absl::string_view text);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_PYTHON_LITERAL_H_
