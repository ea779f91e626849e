/** From gradients to new weights. */
package gradus.optim;
