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
