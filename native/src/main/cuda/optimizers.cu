// See gradus.backend.spec.SgdSpec; velocity is null without momentum. kept is 1 - dampening, or 1 on the first step, when the old velocity counts
// for nothing.
GRADUS_KERNEL sgd(float* values, const float* gradients, float* velocity, float rate, float momentum, float kept,
                  int nesterov, float decay, int first_step, Index n) {
  GRADUS_EACH(i, n) {
    float gradient = gradients[i] + decay * values[i];
    float direction = gradient;
    if (velocity) {
      float moved = first_step ? gradient : momentum * velocity[i] + kept * gradient;
      velocity[i] = moved;
      direction = nesterov ? gradient + momentum * moved : moved;
    }
    values[i] -= rate * direction;
  }
}

// See gradus.backend.spec.AdamSpec. The corrections are 1 - beta^step; complements are 1 - beta, rounded once.
GRADUS_KERNEL adam(float* values, const float* gradients, float* mean, float* variance, float rate, float beta1,
                   float beta2, float complement1, float complement2, float epsilon, float decay, int decoupled,
                   float mean_correction, float variance_correction, Index n) {
  GRADUS_EACH(i, n) {
    float value = decoupled ? values[i] * (1 - rate * decay) : values[i];
    float gradient = decoupled ? gradients[i] : gradients[i] + decay * value;
    float m = beta1 * mean[i] + complement1 * gradient;
    float v = beta2 * variance[i] + complement2 * gradient * gradient;
    mean[i] = m;
    variance[i] = v;
    values[i] = value - rate * (m / mean_correction) / (sqrtf(v / variance_correction) + epsilon);
  }
}
