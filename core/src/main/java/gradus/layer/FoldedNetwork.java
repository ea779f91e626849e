package gradus.layer;

import gradus.GradusException;
import gradus.autograd.Tensor;
import gradus.layer.FoldedStep.Value;
import gradus.tensor.Shape;
import java.util.List;

/** What {@link Model#foldBatchNorms} makes of a network: steps of evaluation, in order. */
final class FoldedNetwork extends Layer {
  private final List<FoldedStep> steps;
  private final Shape output;
  private final int values;
  private final Value last;

  private FoldedNetwork(List<FoldedStep> steps, Value last, int values, Shape output) {
    this.steps = steps;
    this.last = last;
    this.values = values;
    this.output = output;
  }

  /**
   * Of a built model.
   *
   * @throws ExportException naming a layer that does not say what it computes
   */
  static FoldedNetwork of(Model model) {
    FoldingGraph graph = new FoldingGraph();
    Value images = new Value(null);
    Value last = model.export(graph, images);
    List<FoldedStep> steps = graph.join(last);
    int places = 1; // the images' is 0
    images.lastUse = steps.size(); // the caller's to release
    for (int i = 0; i < steps.size(); i++) {
      FoldedStep step = steps.get(i);
      step.output.place = places++;
      for (Value input : step.inputs) {
        input.memory.lastUse = Math.max(input.memory.lastUse, i);
      }
    }
    last.memory.lastUse = steps.size();
    return new FoldedNetwork(steps, last, places, model.outputShape());
  }

  @Override
  protected Shape build(Scope scope, Shape input) {
    FoldedParameters parameters = new FoldedParameters(scope);
    steps.forEach(step -> step.build(parameters));
    return output;
  }

  @Override
  public Tensor forward(Tensor x) {
    if (x.pass().isTraining()) {
      throw new GradusException(
          "A model with folded batch norms is for inference, but this is a training pass: train the"
              + " model it was folded from, or open Pass.evaluating(backend).");
    }
    Tensor[] made = new Tensor[values];
    made[0] = x;
    for (int i = 0; i < steps.size(); i++) {
      FoldedStep step = steps.get(i);
      Tensor[] inputs = new Tensor[step.inputs.size()];
      for (int j = 0; j < inputs.length; j++) {
        inputs[j] = made[step.inputs.get(j).place];
      }
      Tensor y = step.run(inputs);
      made[step.output.place] = y;
      for (int j = 0; j < inputs.length; j++) {
        if (step.inputs.get(j).memory.lastUse == i) {
          x.pass().releaseEarly(inputs[j], y);
        }
      }
    }
    return made[last.place];
  }

  @Override
  public <V> V export(Graph<V> graph, V x) {
    throw new ExportException(
        "A model with folded batch norms cannot be exported: export the one it was folded from;"
            + " OnnxExport.foldBatchNorm folds there.");
  }

  @Override
  protected long multiplyAdds(Shape input, Shape ofOutput) {
    return steps.stream().mapToLong(FoldedStep::multiplyAdds).sum();
  }
}
