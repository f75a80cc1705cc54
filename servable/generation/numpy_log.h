// The natural logarithm of float32 values with numpy's rounding. Beams are chosen by sums of such
// logarithms, and numpy's vector code differs from the correctly rounded value for one float in 27.
#ifndef MAGENTA_SERVING_GENERATION_NUMPY_LOG_H_
#define MAGENTA_SERVING_GENERATION_NUMPY_LOG_H_

namespace magenta_serving {

// numpy.log of a float32: the rational approximation of numpy 1.26's AVX2 and AVX-512 loops, bit
// for bit. log(0) is -infinity, negative values and NaN give NaN.
float NumpyLog(float x);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_NUMPY_LOG_H_
