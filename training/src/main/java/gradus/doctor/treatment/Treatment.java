package gradus.doctor.treatment;

import gradus.layer.Initializer;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.train.Accumulation;
import gradus.train.TrainingSnapshot;
import gradus.train.Treatable;
import gradus.weights.WeightSnapshot;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * A change of a run that goes on; never of its data or labels.
 *
 * @param sentence what is done, in words that follow "with"
 * @param change does it
 */
public record Treatment(String sentence, Consumer<Treatable> change) {
  private static final String ANEW = ", once more from the beginning";
  private static final float SMALL = 0.1f;
  private static final double WEAKER = 0.1;

  /** Another learning rate, on top of the schedule. */
  public static Treatment learningRate(double factor) {
    return new Treatment(
        "the learning rate times " + digits(factor), run -> run.multiplyLearningRate(factor));
  }

  /** The same, with another momentum of SGD. */
  public Treatment withMomentum(double momentum) {
    return new Treatment(
        sentence + " and momentum " + digits(momentum),
        run -> {
          change.accept(run);
          run.setMomentum(momentum);
        });
  }

  /** Gradients of this length at most. */
  public static Treatment clipNorm(double maxNorm) {
    return new Treatment(
        "gradients shortened to a norm of " + digits(maxNorm),
        run -> run.clipGradientNorm(maxNorm));
  }

  /** Three significant ones, as one types them. */
  private static String digits(double value) {
    return new BigDecimal(value).round(new MathContext(3)).stripTrailingZeros().toPlainString();
  }

  /** A cosine from {@code peak} to 0 over the rest of the run, instead of its schedule. */
  public static Treatment freshCosine(double peak) {
    return new Treatment(
        String.format(Locale.ROOT, "a learning rate that falls from %.3g to 0 as a cosine", peak),
        run -> run.restartSchedule(peak));
  }

  /** Another beginning: the state of then, with other weights. */
  public static Treatment newWeights(
      String sentence, TrainingSnapshot beginning, Model model, Consumer<Model> weights) {
    return new Treatment(
        sentence + ANEW,
        run ->
            run.changeState(
                () -> {
                  beginning.restore();
                  weights.accept(model);
                }));
  }

  /** The same, after the run has been put back to its beginning. */
  public Treatment from(TrainingSnapshot beginning) {
    return new Treatment(
        sentence + ANEW,
        run -> {
          run.changeState(beginning::restore);
          change.accept(run);
        });
  }

  /** The images in random order. */
  public static Treatment shuffle(long seed) {
    return new Treatment("the images in random order", run -> run.shuffle(seed));
  }

  /** One update from several batches, in a run that makes one from each. */
  public static Treatment accumulate(int batches) {
    return accumulate(batches, Accumulation.NONE);
  }

  /** One update from so many times as many batches as before. */
  public static Treatment accumulate(int factor, Accumulation before) {
    return new Treatment(
        "one update from every " + factor * before.batches() + " batches",
        run -> run.accumulate(factor));
  }

  /** A tenth of the penalties, and no dropout. */
  public static Treatment weakerRegularization() {
    return new Treatment(
        "a tenth of the weight decay and no dropout",
        run -> {
          run.multiplyPenalties(WEAKER);
          run.withoutDropout();
        });
  }

  /** The same, while the learning rate falls to 0 over the rest of the run. */
  public Treatment settling(double rate) {
    return new Treatment(
        sentence
            + String.format(
                Locale.ROOT, ", while the learning rate falls from %.3g to 0 as a cosine", rate),
        run -> {
          change.accept(run);
          run.restartSchedule(rate);
        });
  }

  /** The end of the run, with the best weights it has had. */
  public static Treatment stopWithBest(WeightSnapshot best, int epoch) {
    return new Treatment(
        "the weights of epoch " + epoch + ", the best so far, and no further training",
        run -> {
          run.changeState(best::restore);
          run.stop();
        });
  }

  /** Does it. */
  public void apply(Treatable run) {
    change.accept(run);
  }

  /** Makes all biases that are trained 0, so that no unit begins dead. */
  public static void clearBiases(Model model) {
    for (Parameter parameter : model.parameters().list()) {
      if (parameter.kind() == Parameter.Kind.BIAS && parameter.isTrainable()) {
        parameter.write(Initializer.zeros().values(parameter.shape(), 0));
      }
    }
  }

  /**
   * Draws all weights anew as He et al. do (arXiv:1502.01852), those of the last layer a tenth as
   * large, so that the first outputs are alike and the loss is that of guessing; biases become 0.
   * What is frozen was learned elsewhere, and stays.
   */
  public static void initialize(Model model, long seed) {
    int number = 0;
    Parameter last = null;
    for (Parameter parameter : model.parameters().list()) {
      last = parameter.kind() == Parameter.Kind.WEIGHT ? parameter : last;
    }
    for (Parameter parameter : model.parameters().list()) {
      Initializer initializer =
          switch (parameter.kind()) {
            case WEIGHT -> Initializer.kaimingNormal();
            case NORM ->
                parameter.name().endsWith("weight") ? Initializer.ones() : Initializer.zeros();
            default -> Initializer.zeros();
          };
      float[] values = initializer.values(parameter.shape(), seed + 7919L * ++number);
      for (int i = 0; parameter == last && i < values.length; i++) {
        values[i] *= SMALL;
      }
      if (parameter.isTrainable()) {
        parameter.write(values);
      }
    }
  }
}
