"""What turns and thumbs tell: unanswered questions, used documents, figures."""
