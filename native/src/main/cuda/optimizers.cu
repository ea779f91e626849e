// See gradus.backend.spec.SgdSpec; velocity is null without momentum. kept is 1 - dampening, or 1 on the first step, when the old velocity counts
// for nothing.
GRADUS_KERNEL sgd(float* values, const float* gradients, float* velocity, float rate, float momentum, float kept,
                  int nesterov, float decay, int first_step, Index n) {
  each(take_fours(n, values, gradients, velocity), n, [&](auto width, Index i) {
    auto value = load(width, values, i), gradient = load(width, gradients, i);
    for (int k = 0; k < width.value; k++) gradient.v[k] += decay * value.v[k];
    auto direction = gradient;
    if (velocity) {
      auto moved = gradient;
      if (!first_step) {
        auto old = load(width, velocity, i);
        for (int k = 0; k < width.value; k++) moved.v[k] = momentum * old.v[k] + kept * gradient.v[k];
      }
      put(velocity, i, 0, moved);
      for (int k = 0; k < width.value; k++) {
        direction.v[k] = nesterov ? gradient.v[k] + momentum * moved.v[k] : moved.v[k];
      }
    }
    for (int k = 0; k < width.value; k++) value.v[k] -= rate * direction.v[k];
    put(values, i, 0, value);
  });
}

// See gradus.backend.spec.AdamSpec. The corrections are 1 - beta^step; complements are 1 - beta, rounded once.
GRADUS_KERNEL adam(float* values, const float* gradients, float* mean, float* variance, float rate, float beta1,
                   float beta2, float complement1, float complement2, float epsilon, float decay, int decoupled,
                   float mean_correction, float variance_correction, Index n) {
  each(take_fours(n, values, gradients, mean, variance), n, [&](auto width, Index i) {
    auto value = load(width, values, i), gradient = load(width, gradients, i);
    auto m = load(width, mean, i), v = load(width, variance, i);
    for (int k = 0; k < width.value; k++) {
      float old = decoupled ? value.v[k] * (1 - rate * decay) : value.v[k];
      float g = decoupled ? gradient.v[k] : gradient.v[k] + decay * old;
      m.v[k] = beta1 * m.v[k] + complement1 * g;
      v.v[k] = beta2 * v.v[k] + complement2 * g * g;
      value.v[k] = old - rate * (m.v[k] / mean_correction) / (sqrtf(v.v[k] / variance_correction) + epsilon);
    }
    put(mean, i, 0, m);
    put(variance, i, 0, v);
    put(values, i, 0, value);
  });
}

// See gradus.backend.spec.UpdateSpec; a, b and c may be null where the rule does without.
GRADUS_KERNEL update(int rule, float* values, const float* gradients, float* a, float* b, float* c, float rate, float keep,
                     float decay, float beta1, float complement1, float beta2, float complement2, float epsilon,
                     float extra, float root, Index n) {
  GRADUS_EACH(i, n) {
    float value = keep * values[i];
    float g = gradients[i] + decay * value;
    float step;
    if (rule == 0) {  // moments
      float mean = beta1 * a[i] + complement1 * g;
      float square = beta2 * b[i] + complement2 * g * g;
      a[i] = mean;
      b[i] = square;
      if (c) {
        square = c[i] > square ? c[i] : square;
        c[i] = square;
      }
      step = (rate * mean + extra * g) / (root * sqrtf(square) + epsilon);
    } else if (rule == 1) {  // RMSprop
      float square = beta2 * a[i] + complement2 * g * g;
      a[i] = square;
      if (b) {
        float mean = beta2 * b[i] + complement2 * g;
        b[i] = mean;
        square -= mean * mean;
      }
      step = g / (sqrtf(square) + epsilon);
      if (c) {
        step += extra * c[i];
        c[i] = step;
      }
      step *= rate;
    } else if (rule == 2) {  // Adadelta
      float square = beta2 * a[i] + complement2 * g * g;
      step = g * sqrtf(b[i] + epsilon) / sqrtf(square + epsilon);
      a[i] = square;
      b[i] = beta2 * b[i] + complement2 * step * step;
      step *= rate;
    } else if (rule == 3) {  // Adagrad
      a[i] += g * g;
      step = rate * g / (sqrtf(a[i]) + epsilon);
    } else {  // Lion
      float direction = beta1 * a[i] + complement1 * g;
      a[i] = beta2 * a[i] + complement2 * g;
      step = rate * (float)((direction > 0) - (direction < 0));
    }
    values[i] = value - step;
  }
}

GRADUS_KERNEL add_l1(float strength, const float* values, float* gradients, Index n) {
  GRADUS_EACH(i, n) gradients[i] += strength * (float)((values[i] > 0) - (values[i] < 0));
}

// A NaN stays a NaN.
GRADUS_KERNEL clamp(float limit, float* gradients, Index n) {
  GRADUS_EACH(i, n) {
    float x = gradients[i];
    gradients[i] = x > limit ? limit : x < -limit ? -limit : x;
  }
}
