/** One file per differentiable op: forward and gradient side by side. */
package gradus.autograd.op;
