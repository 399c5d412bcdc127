// Activations by the names of config.json.
#include <temper/torch/layers.h>

#include <map>

#include <ATen/ATen.h>

#include <temper/error.h>

namespace temper {

namespace {

using Function = Tensor (*)(const Tensor&);

// Hendrycks and Gimpel 2016: x Phi(x), or its approximation by tanh, which GPT-2 was trained with.
Tensor gelu_erf(const Tensor& x) { return at::gelu(x); }
Tensor gelu_tanh(const Tensor& x) { return at::gelu(x, "tanh"); }
Tensor relu(const Tensor& x) { return at::relu(x); }
Tensor silu(const Tensor& x) { return at::silu(x); }
Tensor tanh(const Tensor& x) { return at::tanh(x); }

const std::map<std::string, Function>& activations() {
  static const std::map<std::string, Function> known = {{"gelu", gelu_erf}, {"gelu_new", gelu_tanh}, {"gelu_pytorch_tanh", gelu_tanh},
                                                        {"relu", relu},     {"silu", silu},          {"swish", silu},
                                                        {"tanh", tanh}};
  return known;
}

}  // namespace

bool is_activation(const std::string& name) { return activations().count(name) != 0; }

Tensor activation(const std::string& name, const Tensor& x) {
  const auto found = activations().find(name);
  if (found == activations().end()) {
    std::string known;
    for (const auto& [other, function] : activations()) known += (known.empty() ? "" : ", ") + other;
    throw Error("there is no activation \"" + name + "\"", "known are " + known);
  }
  return found->second(x);
}

}  // namespace temper
