/** Layers, the containers that join them, and the model that owns their parameters. */
package gradus.layer;
