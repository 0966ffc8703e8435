"""Layer 4: reinforcement learning. Agents that learn from rewards what to do."""

KIND = "agent"
