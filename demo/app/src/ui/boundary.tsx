import { TriangleAlert } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

interface BoundaryProps {
  readonly children: ReactNode;
}

/** If a screen throws, the rest of the page stays. React knows such a boundary only as a class. */
export class Boundary extends Component<BoundaryProps, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <Notice
        icon={TriangleAlert}
        title="This cannot be shown"
        action={<Button onClick={() => this.setState({ hasFailed: false })}>Try again</Button>}
      >
        Something went wrong in this page. Nothing that was saved is lost.
      </Notice>
    );
  }
}
