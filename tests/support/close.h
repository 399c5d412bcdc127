// Comparing tensors within a tolerance, with a message that says where they differ most.
#pragma once

#include <cmath>
#include <cstring>
#include <sstream>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace temper::testing {

// |a - b| <= absolute + relative * |b| everywhere.
inline ::testing::AssertionResult close(const at::Tensor& a, const at::Tensor& b, double absolute, double relative = 0) {
  if (a.sizes() != b.sizes()) {
    std::ostringstream text;
    text << "shapes differ: " << a.sizes() << " and " << b.sizes();
    return ::testing::AssertionFailure() << text.str();
  }
  if (a.numel() == 0) return ::testing::AssertionSuccess();
  const at::Tensor x = a.detach().to(at::kDouble).flatten(), y = b.detach().to(at::kDouble).flatten();
  const at::Tensor excess = (x - y).abs() - relative * y.abs();
  const auto worst = excess.nan_to_num(INFINITY).argmax().item<std::int64_t>();
  if (excess[worst].item<double>() <= absolute) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "at flat index " << worst << " of " << x.numel() << ": " << x[worst].item<double>() << " and "
                                       << y[worst].item<double>() << ", tolerance " << absolute << " + " << relative << " relative";
}

// Equal to the last bit; NaN equals NaN.
inline ::testing::AssertionResult same_bits(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes() || a.scalar_type() != b.scalar_type()) return ::testing::AssertionFailure() << "shapes or types differ";
  const at::Tensor x = a.detach().cpu().contiguous(), y = b.detach().cpu().contiguous();
  if (std::memcmp(x.const_data_ptr(), y.const_data_ptr(), x.nbytes()) == 0) return ::testing::AssertionSuccess();
  return close(a, b, 0) ? ::testing::AssertionFailure() << "bits differ (signs of zeros?)" : close(a, b, 0);
}

}  // namespace temper::testing
