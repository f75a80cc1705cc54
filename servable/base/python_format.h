// Numbers as Python prints them, for error texts that equal Magenta's.
#ifndef MAGENTA_SERVING_BASE_PYTHON_FORMAT_H_
#define MAGENTA_SERVING_BASE_PYTHON_FORMAT_H_

#include <string>

namespace magenta_serving {

// repr(value): the shortest decimal that reads back as `value` ("0.4", "1e-05", "16.0", "nan").
std::string PyRepr(double value);

// "%.<digits>f" % value.
std::string PyFixed(double value, int digits);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_BASE_PYTHON_FORMAT_H_
