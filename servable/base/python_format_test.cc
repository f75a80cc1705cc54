#include "servable/base/python_format.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

TEST(PyReprTest, PrintsWhatPythonPrints) {
  EXPECT_EQ(PyRepr(0.0), "0.0");
  EXPECT_EQ(PyRepr(-0.0), "-0.0");
  EXPECT_EQ(PyRepr(0.4), "0.4");
  EXPECT_EQ(PyRepr(16), "16.0");
  EXPECT_EQ(PyRepr(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(PyRepr(0.0001), "0.0001");
  EXPECT_EQ(PyRepr(0.00001), "1e-05");
  EXPECT_EQ(PyRepr(1.5e-7), "1.5e-07");
  EXPECT_EQ(PyRepr(1e15), "1000000000000000.0");
  EXPECT_EQ(PyRepr(1e16), "1e+16");
  EXPECT_EQ(PyRepr(1e300), "1e+300");
  EXPECT_EQ(PyRepr(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(PyRepr(std::nan("")), "nan");
}

TEST(PyFixedTest, RoundsToDigits) {
  EXPECT_EQ(PyFixed(120, 1), "120.0");
  EXPECT_EQ(PyFixed(14.5, 6), "14.500000");
}

}  // namespace
}  // namespace magenta_serving
