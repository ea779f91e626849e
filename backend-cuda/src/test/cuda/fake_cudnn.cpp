// cuDNN's convolutions as the loops that define them; see fake_cuda.cpp.
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "cuda_on_cpu.h"
#include "fake_device.h"

using gradus_fake::create;
using gradus_fake::cut_to_tf32;
using gradus_fake::destroy;
using gradus_fake::submit;

EXPORT int cudaGetLastError();

namespace {

constexpr int kExecutionFailed = 5003, kNoSublibrary = 1008, kBadParameter = 2000, kMisaligned = 2003, kNotSupported = 3000, kNotSupportedLayout = 3004;
constexpr size_t kWorkspace = 1000;
constexpr size_t kWorkspaceOfChannel = 1 << 20;  // of Winograd's algorithm, if they are as many as this
constexpr int kManyChannels = 256;

enum { kFloat = 0, kHalf = 2, kBfloat16 = 9 };

bool is_half(int type) { return type == kHalf || type == kBfloat16; }
enum { kDefaultMath = 0, kTensorMath = 1, kFmaMath = 3 };

struct Tensor {
  int n, c, h, w, type, last;
  // From one channel, row or column to the next.
  size_t along() const { return last ? 1 : (size_t)h * w; }
  size_t down() const { return last ? (size_t)w * c : w; }
  size_t right() const { return last ? c : 1; }
  size_t at(int i, int j, int y, int x) const { return (size_t)i * c * h * w + j * along() + y * down() + x * right(); }
};

struct Convolution {
  int pad_h, pad_w, stride_h, stride_w, dilation_h, dilation_w, groups, math;
};

// The numbers of algorithms, which each pass counts in its own way.
struct Algorithms {
  int plain, fourier, winograd;
};
constexpr Algorithms kForward = {1, 4, 7}, kBackward = {1, 2, 5};

struct Candidate {
  int algorithm, status;
  float time;
  size_t memory;
  int determinism, math_type, reserved[3];
};

// The output cuDNN computes for these descriptors must be the one the caller described.
bool agree(const Tensor& x, const Tensor& w, const Tensor& y, const Convolution& s) {
  int h = (x.h + 2 * s.pad_h - s.dilation_h * (w.h - 1) - 1) / s.stride_h + 1;
  int width = (x.w + 2 * s.pad_w - s.dilation_w * (w.w - 1) - 1) / s.stride_w + 1;
  return x.type == y.type && x.type == w.type && x.last == y.last && x.last == w.last && x.n == y.n && w.n == y.c && w.c * s.groups == x.c && y.h == h && y.w == width;
}

// Of the outputs of a row, those whose tap lies inside the input: first to before last.
struct Span {
  int first, last;
};

Span inside(int tap, int pad, int stride, int dilation, int inputs, int outputs) {
  int offset = tap * dilation - pad;
  int first = offset < 0 ? (-offset + stride - 1) / stride : 0;
  int last = inputs - offset <= 0 ? 0 : (inputs - offset - 1) / stride + 1;
  return {first, last < outputs ? last : outputs};
}

// Visits every product of the convolution: f(index of x, of w, of y).
template <class F>
void each(const Tensor& x, const Tensor& w, const Tensor& y, const Convolution& s, F f) {
  const size_t x_step = x.right() * s.stride_w, y_step = y.right();
  for (int n = 0; n < y.n; n++) {
    for (int k = 0; k < y.c; k++) {
      int first = k / (y.c / s.groups) * w.c;  // channel of the group
      for (int c = 0; c < w.c; c++) {
        for (int r = 0; r < w.h; r++) {
          Span rows = inside(r, s.pad_h, s.stride_h, s.dilation_h, x.h, y.h);
          for (int q = 0; q < w.w; q++) {
            Span columns = inside(q, s.pad_w, s.stride_w, s.dilation_w, x.w, y.w);
            if (columns.first >= columns.last) continue;
            const size_t weight = w.at(k, c, r, q);
            int column = columns.first * s.stride_w - s.pad_w + q * s.dilation_w;
            for (int i = rows.first; i < rows.last; i++) {
              size_t from = x.at(n, first + c, i * s.stride_h - s.pad_h + r * s.dilation_h, column);
              size_t to = y.at(n, k, i, columns.first);
              for (int j = columns.first; j < columns.last; j++, from += x_step, to += y_step) f(from, weight, to);
            }
          }
        }
      }
    }
  }
}

size_t size(const Tensor& t) { return (size_t)t.n * t.c * t.h * t.w; }

std::vector<float> read(const Tensor& t, const void* p) {
  std::vector<float> values(size(t));
  if (t.type == kFloat) {
    memcpy(values.data(), p, values.size() * sizeof(float));
    return values;
  }
  for (size_t i = 0; i < values.size(); i++) {
    uint16_t half = ((const uint16_t*)p)[i];
    uint32_t bits = (uint32_t)half << 16;
    values[i] = t.type == kHalf ? half_to_float(half) : __int_as_float((int)bits);
  }
  return values;
}

// What tensor cores make of a factor in float32, where they may.
std::vector<float> factors(const Tensor& t, const void* p, const Convolution& s) {
  std::vector<float> values = read(t, p);
  if (t.type == kFloat && s.math == kDefaultMath) {
    for (float& value : values) value = cut_to_tf32(value);
  }
  return values;
}

// beta times what is there; without a beta nothing is looked at.
std::vector<float> start(const Tensor& t, const void* p, float beta) {
  if (beta == 0) return std::vector<float>(size(t));
  std::vector<float> values = read(t, p);
  for (float& value : values) value *= beta;
  return values;
}

void write(const Tensor& t, const std::vector<float>& values, void* p) {
  if (t.type == kFloat) {
    memcpy(p, values.data(), values.size() * sizeof(float));
    return;
  }
  for (size_t i = 0; i < values.size(); i++) {
    uint32_t bits = (uint32_t)__float_as_int(values[i]);
    bool nan = values[i] != values[i];
    uint16_t upper = (uint16_t)(nan ? bits >> 16 | 0x40 : (bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    ((uint16_t*)p)[i] = t.type == kHalf ? float_to_half(values[i]) : upper;
  }
}

thread_local const char* last_error = "";

int refuse(int status, const char* why) {
  last_error = why;
  return status;
}

// Best first, as cuDNN might have it: one whose working memory is no number, two that multiply less, one that cannot repeat its bits and one that
// failed. The last is what a caller must take who wants plain sums, and compute as that one does: not as it asked.
// Channels last there are no groups, and no more than 100 channels. Of 16 bits, dilated ones are not there at all, and those with strides cannot repeat their bits.
int candidates(const Tensor& x, const Tensor& w, const Convolution& s, const Algorithms& numbers, int asked, int* found, Candidate* out) {
  // One more than JavaCPP knows: cuDNN 9.24 has it, and none of the others asks the linker for it.
  if (!dlopen("libcudnn_engines_tensor_ir.so.9", RTLD_LAZY)) return refuse(kNoSublibrary, "the engines");
  bool halves = is_half(x.type);
  if (halves ? s.math != kTensorMath : s.math == kTensorMath) return refuse(kBadParameter, "the kind of arithmetic");
  if (x.last && (s.groups > 1 || x.c > 100)) return refuse(kNotSupportedLayout, "the layout");
  bool dense = s.dilation_h == 1 && s.dilation_w == 1;
  if (halves && !dense) return refuse(kNotSupported, "dilated halves");
  int repeats = !(halves && s.stride_h > 1);
  std::vector<Candidate> all = {{numbers.plain, 0, 0.1f, (size_t)-1, 1, 0, {}}};
  if (dense && s.stride_h == 1 && s.stride_w == 1) {
    all.push_back({numbers.fourier, 0, 0.2f, kWorkspace, 1, kDefaultMath, {}});
    size_t room = w.c >= kManyChannels ? w.c * kWorkspaceOfChannel : kWorkspace;
    if (w.h == 3 && w.w == 3) all.push_back({numbers.winograd, 0, 0.3f, room, 1, kDefaultMath, {}});
  }
  all.push_back({0, 0, 0.4f, 0, 0, 0, {}});
  all.push_back({numbers.plain, 3000, 0.5f, 0, 1, 0, {}});
  all.push_back({numbers.plain, 0, 0.6f, kWorkspace, repeats, kDefaultMath, {}});
  *found = asked < (int)all.size() ? asked : (int)all.size();
  memcpy(out, all.data(), *found * sizeof(Candidate));
  return 0;
}

// Of what was offered, FAKE_CUDNN_REFUSES names what is refused when it is to be done, and with which status, as in "7:3000 1:5000": the number of an
// algorithm, with a + behind it where it is to add to what is there, or tf32 for all in that arithmetic, last for all channels last, captured for all calls while a graph is.
int refused(const Tensor& x, const Convolution& s, int algorithm, float beta) {
  const char* all = getenv("FAKE_CUDNN_REFUSES");
  auto status = [&](bool concerns, const std::string& name) {
    const char* at = all && concerns ? strstr(all, (name + ":").c_str()) : nullptr;
    return at ? refuse(atoi(at + name.size() + 1), "the fake cuDNN was told to") : 0;
  };
  if (int why = status(true, std::to_string(algorithm))) return why;
  if (int why = status(beta != 0, std::to_string(algorithm) + "+")) return why;
  if (int why = status(x.type == kFloat && s.math == kDefaultMath, "tf32")) return why;
  if (int why = status(x.last, "last")) return why;
  return status(gradus_fake::is_capturing(), "captured");
}

bool is_aligned(const void* p) { return (uintptr_t)p % 16 == 0; }

// 0, or why the call is not made. Working memory is written to, as a real one would.
int check(const Tensor& x, const void* px, const void* pw, const void* py, const Convolution& s, const Algorithms& numbers, int algorithm,
          void* workspace, size_t bytes) {
  if (cudaGetLastError() || gradus_fake::broken()) return kExecutionFailed;  // of whoever it was: the real one asks, too
  if (algorithm != numbers.plain && algorithm != numbers.fourier && algorithm != numbers.winograd) return refuse(kBadParameter, "the algorithm");
  if (bytes < kWorkspace || !workspace) return refuse(kBadParameter, "too little working memory");
  if (is_half(x.type) ? s.math != kDefaultMath : s.math == kTensorMath) return refuse(kBadParameter, "the kind of arithmetic");
  if (!is_aligned(px) || !is_aligned(pw) || !is_aligned(py) || !is_aligned(workspace)) {
    return refuse(kMisaligned, "an address is no multiple of 16 bytes");
  }
  memset(workspace, 0xEE, kWorkspace);
  return 0;
}

// What fewer multiplications do to a result: each number has something of all. Winograd's algorithm is exact enough in float32 over many channels.
void blur(const Algorithms& numbers, int algorithm, const Tensor& x, const Tensor& w, std::vector<float>& result) {
  bool enough = x.type == kFloat && x.c == w.c && w.c >= 16 && w.n >= 16;
  if (algorithm == numbers.plain || (algorithm == numbers.winograd && enough)) return;
  float sum = 0;
  for (float value : result) sum += value;
  for (float& value : result) value += 1e-3f * sum;
}

}  // namespace

EXPORT int cudnnCreate(void** handle) { return create(handle); }
EXPORT int cudnnDestroy(void* handle) {
  int status = gradus_fake::wait_for_device();
  return status ? status : destroy(handle);
}
EXPORT int cudnnSetStream(void*, void*) { return 0; }
EXPORT size_t cudnnGetVersion() {
  const char* value = getenv("FAKE_CUDNN_VERSION");
  return value ? atol(value) : 91900;
}
EXPORT const char* cudnnGetErrorString(int) { return "fake cuDNN error"; }
EXPORT void cudnnGetLastErrorString(char* message, size_t most) { snprintf(message, most, "%s", last_error); }
EXPORT int cudnnCreateTensorDescriptor(void** d) { return create(d); }
EXPORT int cudnnDestroyTensorDescriptor(void* d) { return destroy(d); }
EXPORT int cudnnCreateFilterDescriptor(void** d) { return create(d); }
EXPORT int cudnnDestroyFilterDescriptor(void* d) { return destroy(d); }
EXPORT int cudnnCreateConvolutionDescriptor(void** d) { return create(d); }
EXPORT int cudnnDestroyConvolutionDescriptor(void* d) { return destroy(d); }

EXPORT int cudnnSetTensor4dDescriptor(Tensor* t, int format, int type, int n, int c, int h, int w) {
  if ((double)n * c * h * w > INT32_MAX) return refuse(kNotSupported, "2^31 elements");
  *t = {n, c, h, w, type, format};
  return (format == 0 || format == 1) && (type == kFloat || is_half(type)) ? 0 : kBadParameter;
}

EXPORT int cudnnSetFilter4dDescriptor(Tensor* t, int type, int format, int k, int c, int h, int w) {
  *t = {k, c, h, w, type, format};
  return (format == 0 || format == 1) && (type == kFloat || is_half(type)) ? 0 : kBadParameter;
}

EXPORT int cudnnSetConvolution2dDescriptor(Convolution* s, int pad_h, int pad_w, int stride_h, int stride_w,
                                           int dilation_h, int dilation_w, int mode, int type) {
  *s = {pad_h, pad_w, stride_h, stride_w, dilation_h, dilation_w, 1, kDefaultMath};
  return mode == 1 && type == 0 ? 0 : kBadParameter;  // cross-correlation in float
}

EXPORT int cudnnSetConvolutionGroupCount(Convolution* s, int groups) { s->groups = groups; return 0; }
EXPORT int cudnnSetConvolutionMathType(Convolution* s, int math) { s->math = math; return 0; }

EXPORT int cudnnGetConvolutionForwardAlgorithm_v7(void*, Tensor* x, Tensor* w, Convolution* s, Tensor* y, int asked, int* found,
                                       Candidate* out) {
  return agree(*x, *w, *y, *s) ? candidates(*x, *w, *s, kForward, asked, found, out) : kBadParameter;
}
EXPORT int cudnnFindConvolutionForwardAlgorithm(void* h, Tensor* x, Tensor* w, Convolution* s, Tensor* y, int asked, int* found,
                                     Candidate* out) {
  return cudnnGetConvolutionForwardAlgorithm_v7(h, x, w, s, y, asked, found, out);
}
EXPORT int cudnnGetConvolutionBackwardDataAlgorithm_v7(void*, Tensor* w, Tensor* y, Convolution* s, Tensor* x, int asked,
                                            int* found, Candidate* out) {
  return agree(*x, *w, *y, *s) ? candidates(*x, *w, *s, kBackward, asked, found, out) : kBadParameter;
}
EXPORT int cudnnFindConvolutionBackwardDataAlgorithm(void* h, Tensor* w, Tensor* y, Convolution* s, Tensor* x, int asked,
                                          int* found, Candidate* out) {
  return cudnnGetConvolutionBackwardDataAlgorithm_v7(h, w, y, s, x, asked, found, out);
}
EXPORT int cudnnGetConvolutionBackwardFilterAlgorithm_v7(void*, Tensor* x, Tensor* y, Convolution* s, Tensor* w, int asked,
                                              int* found, Candidate* out) {
  return agree(*x, *w, *y, *s) ? candidates(*x, *w, *s, kBackward, asked, found, out) : kBadParameter;
}
EXPORT int cudnnFindConvolutionBackwardFilterAlgorithm(void* h, Tensor* x, Tensor* y, Convolution* s, Tensor* w, int asked,
                                            int* found, Candidate* out) {
  return cudnnGetConvolutionBackwardFilterAlgorithm_v7(h, x, y, s, w, asked, found, out);
}

EXPORT int cudnnConvolutionForward(void*, const float* alpha, Tensor* x, const void* px, Tensor* w, const void* pw,
                                   Convolution* s, int algorithm, void* workspace, size_t bytes, const float* beta,
                                   Tensor* y, void* py) {
  if (int status = refused(*x, *s, algorithm, *beta)) return status;
  return submit([=, alpha = *alpha, beta = *beta, x = *x, w = *w, y = *y, s = *s] {
    if (int status = check(x, px, pw, py, s, kForward, algorithm, workspace, bytes)) return status;
    std::vector<float> in = factors(x, px, s), weights = factors(w, pw, s), out = start(y, py, beta);
    each(x, w, y, s, [=, to = out.data(), x = in.data(), w = weights.data()](size_t i, size_t j, size_t k) {
      to[k] += alpha * x[i] * w[j];
    });
    blur(kForward, algorithm, x, w, out);
    write(y, out, py);
    return 0;
  });
}

EXPORT int cudnnConvolutionBackwardData(void*, const float* alpha, Tensor* w, const void* pw, Tensor* y, const void* py,
                                        Convolution* s, int algorithm, void* workspace, size_t bytes, const float* beta,
                                        Tensor* x, void* px) {
  if (int status = refused(*x, *s, algorithm, *beta)) return status;
  return submit([=, alpha = *alpha, beta = *beta, x = *x, w = *w, y = *y, s = *s] {
    if (int status = check(x, px, pw, py, s, kBackward, algorithm, workspace, bytes)) return status;
    std::vector<float> in = start(x, px, beta), weights = factors(w, pw, s), out = factors(y, py, s);
    each(x, w, y, s, [=, to = in.data(), y = out.data(), w = weights.data()](size_t i, size_t j, size_t k) {
      to[i] += alpha * y[k] * w[j];
    });
    blur(kBackward, algorithm, x, w, in);
    write(x, in, px);
    return 0;
  });
}

EXPORT int cudnnConvolutionBackwardFilter(void*, const float* alpha, Tensor* x, const void* px, Tensor* y, const void* py,
                                          Convolution* s, int algorithm, void* workspace, size_t bytes,
                                          const float* beta, Tensor* w, void* pw) {
  if (int status = refused(*x, *s, algorithm, *beta)) return status;
  return submit([=, alpha = *alpha, beta = *beta, x = *x, w = *w, y = *y, s = *s] {
    if (int status = check(x, px, pw, py, s, kBackward, algorithm, workspace, bytes)) return status;
    std::vector<float> in = factors(x, px, s), weights = start(w, pw, beta), out = factors(y, py, s);
    each(x, w, y, s, [=, to = weights.data(), x = in.data(), y = out.data()](size_t i, size_t j, size_t k) {
      to[j] += alpha * x[i] * y[k];
    });
    blur(kBackward, algorithm, x, w, weights);
    write(w, weights, pw);
    return 0;
  });
}
