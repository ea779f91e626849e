/** The tape: tensors of one step, the ops that made them, and the walk back. */
package gradus.autograd;
